/*
 * What the unit tests share: expectations that show both values, CUnit's registry, and children to break things in.
 *
 * A test program is a table of tests and a main that hands it to unit_main(). What a test does to its own process that
 * cannot be undone (capabilities dropped, a system call forbidden) it does in unit_in_child(): expectations that fail there
 * fail the test.
 */
#ifndef NUMAPROOF_UNIT_H
#define NUMAPROOF_UNIT_H

#include <numaproof/error.h>
#include <stdbool.h>
#include <stddef.h>

struct unit_test {
    const char *name;
    void (*run)(void);
};

/* What main() returns where nothing can be tested on this machine, having said why. */
#define UNIT_SKIPPED 77

/* Run all; returns what main() returns. */
int unit_main(const char *subject, const struct unit_test *tests, size_t count);

/* Run @body in a forked child, whose failures and whose death are the test's. */
void unit_in_child(void (*body)(void));

/* Take a capability out of the calling thread's effective set: CAP_SYS_NICE, ... */
void unit_drop_capability(int capability);

/* From now on the system call of that number fails with @system_errno, in this process and its threads to come. */
void unit_forbid(int system_call, int system_errno);

/* The same only for calls whose argument number @argument, 0 the first, has all of @bits set in its lower half. */
void unit_forbid_where(int system_call, unsigned argument, unsigned bits, int system_errno);

/* Whether the calling thread may do what @capability allows. A test that needs it and lacks it says so and returns. */
bool unit_has_capability(int capability);

void unit_expect(bool ok, const char *file, int line, const char *format, ...) __attribute__((format(printf, 4, 5)));
void unit_expect_number(long long seen, long long expected, const char *what, const char *file, int line);
void unit_expect_text(const char *seen, const char *expected, const char *what, const char *file, int line);
void unit_expect_part(const char *seen, const char *part, const char *what, const char *file, int line);

#define EXPECT(condition) unit_expect((condition), __FILE__, __LINE__, "%s", #condition)
#define EXPECT_NUMBER(seen, number)                                                                                    \
    unit_expect_number((long long)(seen), (long long)(number), #seen, __FILE__, __LINE__)
#define EXPECT_TEXT(seen, text) unit_expect_text((seen), (text), #seen, __FILE__, __LINE__)
/* @seen has @part in it. */
#define EXPECT_PART(seen, part) unit_expect_part((seen), (part), #seen, __FILE__, __LINE__)

/* A call that must fail in this way, with @part in its reason. @error is the np_error that it fills. */
#define EXPECT_ERROR(call, status, error, part)                                                                        \
    do {                                                                                                               \
        EXPECT_NUMBER(call, status);                                                                                   \
        EXPECT_NUMBER((error).code, status);                                                                           \
        EXPECT_PART((error).reason, part);                                                                             \
    } while (false)

#endif
