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

void run_print_checks(const struct run *run)
{
    terminal_print(PAINT_STRONG, "Checks\n");
    for (size_t i = 0; i < checks_count(); i++) {
        const struct check *check = &run->checks[i];
        char text[sizeof(check->value) + sizeof(check->fix) + 256];
        snprintf(text, sizeof(text), "%s: %s%s%s", check->title, check->value, check->fix[0] != '\0' ? "; mend: " : "",
            check->fix);
        run_print_row(check_verdict_name(check->verdict), text);
    }
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
    terminal_print(terminal_paint_of(name), "%s", upper);
    putchar('\n');
    for (size_t i = 0; i < run->verdict.reason_count; i++) {
        printf("  - ");
        terminal_wrap(run->verdict.reasons[i].text, 4, 4);
    }
    if (run->verdict.left_out > 0) {
        printf("  - and %zu more\n", run->verdict.left_out);
    }
}
