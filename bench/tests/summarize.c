/*
 * Sum up samples from standard input, a set a line, for a test that knows what must come out (test_statistics.py): prints
 * median, interval, MAD, minimum, maximum, p99, outliers, inflation and drift of each set.
 */
#include "statistics.h"

#include <stdio.h>
#include <stdlib.h>

static bool print_summary(const double *samples, size_t n)
{
    struct summary s;

    if (!statistics_summarize(samples, n, &s))
        return false;
    printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g %zu %.17g %.17g %d\n", s.median, s.ci_low, s.ci_high, s.mad,
        s.min, s.max, s.p99, s.outliers, s.inflation, s.drift, s.drifts);
    return true;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        static double samples[1 << 16];
        size_t n = 0;
        char *rest = line, *end;
        while (n < sizeof samples / sizeof *samples) {
            samples[n] = strtod(rest, &end);
            if (end == rest)
                break;
            rest = end;
            n++;
        }
        if (n > 0 && !print_summary(samples, n))
            return 1;
    }
    free(line);
    return 0;
}
