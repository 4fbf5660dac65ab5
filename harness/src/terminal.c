/* Colour, wrapping and the progress line: see terminal.h. */
#include "terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const char *const paints[] = {
    [PAINT_NONE] = "",
    [PAINT_GOOD] = "\033[32m",
    [PAINT_DOUBTFUL] = "\033[33m",
    [PAINT_BAD] = "\033[31m",
    [PAINT_FAINT] = "\033[2m",
    [PAINT_STRONG] = "\033[1m",
};

static bool wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *kind = getenv("TERM");
    return isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0') &&
           (kind == NULL || strcmp(kind, "dumb") != 0);
}

void terminal_print(enum paint paint, const char *format, ...)
{
    bool coloured = paint != PAINT_NONE && wants_colour();
    va_list arguments;
    va_start(arguments, format);
    fputs(coloured ? paints[paint] : "", stdout);
    vprintf(format, arguments);
    fputs(coloured ? "\033[0m" : "", stdout);
    va_end(arguments);
}

static unsigned width_of(int file)
{
    struct winsize size;
    if (ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
        return size.ws_col;
    }
    return 80;
}

/* The letters of @text with blanks between them, in the middle of @width columns. */
static void print_spaced(const char *text, unsigned width)
{
    unsigned length = 2 * (unsigned)strlen(text);
    unsigned before = length < width ? (width - length) / 2 : 0;
    unsigned printed = before;
    printf("%*s", (int)before, "");
    for (; *text != '\0'; text++) {
        printf("%c ", *text);
        printed += 2;
    }
    printf("%*s", printed < width ? (int)(width - printed) : 0, "");
}

void terminal_banner(enum paint paint, const char *text)
{
    enum { MOST = 80 };
    if (!wants_colour() || paint == PAINT_NONE) {
        printf("%s\n", text);
        return;
    }
    unsigned width = width_of(STDOUT_FILENO) < MOST ? width_of(STDOUT_FILENO) : MOST;
    for (int line = 0; line < 3; line++) {
        printf("\033[1;7m%s", paints[paint]);
        print_spaced(line == 1 ? text : "", width);
        puts("\033[0m");
    }
}

enum paint terminal_paint_of(const char *verdict)
{
    static const struct {
        const char *verdict;
        enum paint paint;
    } known[] = {
        {"pass", PAINT_GOOD},
        {"pass-soft-only", PAINT_DOUBTFUL},
        {"warn", PAINT_DOUBTFUL},
        {"unknown", PAINT_DOUBTFUL},
        {"inconclusive", PAINT_DOUBTFUL},
        {"fail", PAINT_BAD},
        {"not-applicable", PAINT_FAINT},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].verdict, verdict) == 0) {
            return known[i].paint;
        }
    }
    return PAINT_NONE;
}

/* Text may come from anywhere, and must not move the cursor or change colours. */
static void print_word(const char *word, unsigned length)
{
    for (unsigned i = 0; i < length; i++) {
        putchar((unsigned char)word[i] < ' ' || word[i] == 0x7f ? '?' : word[i]);
    }
}

void terminal_wrap(const char *text, unsigned first_column, unsigned indent)
{
    unsigned width = width_of(STDOUT_FILENO);
    unsigned column = first_column;
    bool at_start = true;
    while (*text != '\0') {
        unsigned length = (unsigned)strcspn(text, " ");
        if (!at_start && column + 1 + length > width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (!at_start) {
            putchar(' ');
            column++;
        }
        print_word(text, length);
        column += length;
        text += length;
        text += strspn(text, " ");
        at_start = false;
    }
    putchar('\n');
}

/* The step that is shown: how long it has been running decides whether its progress is worth a line. */
static struct {
    char what[128];
    struct timespec since;
    bool shown;
} step;

static double seconds_since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

void terminal_progress(const char *what, double fraction, double seconds_left)
{
    if (!isatty(STDERR_FILENO)) {
        return;
    }
    if (strncmp(step.what, what, sizeof(step.what) - 1) != 0) {
        snprintf(step.what, sizeof(step.what), "%s", what);
        clock_gettime(CLOCK_MONOTONIC, &step.since);
    }
    if (!step.shown && seconds_since(&step.since) < 1) {
        return;
    }
    char line[256];
    int length = snprintf(line, sizeof(line), "%s", step.what);
    if (fraction >= 0) {
        length += snprintf(line + length, sizeof(line) - (size_t)length, "  %3.0f %%", fraction * 100);
    }
    if (seconds_left >= 0) {
        snprintf(line + length, sizeof(line) - (size_t)length, "  %.0f s left", seconds_left);
    }
    fprintf(stderr, "\r\033[K%.*s", (int)width_of(STDERR_FILENO) - 1, line);
    fflush(stderr);
    step.shown = true;
}

void terminal_progress_end(void)
{
    if (step.shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    step.shown = false;
    step.what[0] = '\0';
}
