/* A run for people: short rows, aligned, the verdict last. See run.h. */
#include "run.h"
#include "terminal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Where the text of a row starts that continues on further lines. */
enum { TEXT_COLUMN = 18 };

void run_print_row(const char *word, const char *text)
{
    terminal_print(terminal_paint_of(word), "  %-14s", word);
    printf("  ");
    terminal_wrap(text, TEXT_COLUMN, TEXT_COLUMN);
}

/* The mend stands on lines of its own, from where it is copied. */
static void print_check(const struct check *check)
{
    char text[sizeof(check->value) + 256];
    snprintf(text, sizeof(text), "%s: %s", check->title, check->value);
    run_print_row(check_verdict_name(check->verdict), text);
    if (check->fix[0] != '\0') {
        printf("%*smend: ", TEXT_COLUMN, "");
        terminal_wrap(check->fix, TEXT_COLUMN + 6, TEXT_COLUMN + 6);
    }
}

void run_print_checks(const struct run *run)
{
    terminal_print(PAINT_STRONG, "Checks\n");
    for (size_t i = 0; i < checks_count(); i++) {
        print_check(&run->checks[i]);
    }
}

void run_print_findings(const struct run *run)
{
    size_t passed = 0;
    size_t looked = 0;
    terminal_print(PAINT_STRONG, "Checks\n");
    for (size_t i = 0; i < checks_count(); i++) {
        const struct check *check = &run->checks[i];
        /* What waits for the measurements is no finding yet. */
        bool waits = check->verdict == CHECK_UNKNOWN && run->facts.measured == NULL &&
                     strcmp(check->id, "distances-measured") == 0;
        passed += check->verdict == CHECK_PASS;
        looked += check->verdict != CHECK_NOT_APPLICABLE && !waits;
        if (check->verdict != CHECK_PASS && check->verdict != CHECK_NOT_APPLICABLE && !waits) {
            print_check(check);
        }
    }
    printf("  %zu of %zu pass; the report has all, and so has `numaproof info`\n", passed, looked);
}

void run_print_other(const struct other_run *other)
{
    terminal_print(PAINT_STRONG, "%c%s\n", toupper((unsigned char)other->name[0]), other->name + 1);
    run_print_row(verdict_name(other->kind), other->reason);
}

void run_print_verdict(const struct run *run)
{
    const char *name = verdict_name(run->verdict.kind);
    char upper[32];
    size_t length = 0;
    for (; name[length] != '\0' && length + 1 < sizeof(upper); length++) {
        upper[length] = (char)toupper((unsigned char)name[length]);
    }
    upper[length] = '\0';
    putchar('\n');
    terminal_banner(terminal_paint_of(name), upper);
    for (size_t i = 0; i < run->verdict.reason_count; i++) {
        printf("  - ");
        terminal_wrap(run->verdict.reasons[i].text, 4, 4);
    }
    if (run->verdict.left_out > 0) {
        printf("  - and %zu more\n", run->verdict.left_out);
    }
}
