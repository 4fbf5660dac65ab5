/*
 * What the command prints for people: colour where there is a terminal that wants it, and a line of progress.
 *
 * Results go to standard output, progress to standard error; each is judged by itself, so that a redirected table is plain
 * while the progress still shows.
 */
#ifndef NUMAPROOF_HARNESS_TERMINAL_H
#define NUMAPROOF_HARNESS_TERMINAL_H

#include <stdbool.h>

enum paint { PAINT_NONE, PAINT_GOOD, PAINT_DOUBTFUL, PAINT_BAD, PAINT_FAINT, PAINT_STRONG };

/*
 * Print as printf does, in a colour when standard output is a terminal and NO_COLOR is not set (https://no-color.org).
 * PAINT_NONE is for rows of which only some are painted.
 */
void terminal_print(enum paint paint, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The paint that a verdict's name calls for: "pass", "warn", "fail", ... */
enum paint terminal_paint_of(const char *verdict);

/*
 * Print @text, a word or two, so large that it can be read across a room: a block of the paint's colour, as wide as the
 * terminal up to 80 columns. Where nothing is coloured, a line with the text and nothing else.
 */
void terminal_banner(enum paint paint, const char *text);

/* Print @text in lines of at most the terminal's width (80 without one), each after @indent spaces but the first. */
void terminal_wrap(const char *text, unsigned first_column, unsigned indent);

/*
 * Show what is being done, the share done (0 to 1, negative when unknown) and the seconds left (negative when unknown), over
 * the progress of before. Prints nothing without a terminal, and nothing in a step's first second.
 */
void terminal_progress(const char *what, double fraction, double seconds_left);

/* Take the progress line away. */
void terminal_progress_end(void);

#endif
