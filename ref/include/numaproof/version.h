/**
 * @file
 * Which contract a library was built to.
 *
 * The major number changes when a struct, a number or a signature of these headers does (and with it the SONAME); the
 * minor number when something is added; the patch number otherwise. Any thread, and a forked child, may ask.
 */
#ifndef NUMAPROOF_VERSION_H
#define NUMAPROOF_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** Raised when a struct, a number or a signature changes. */
#define NP_VERSION_MAJOR 0
/** Raised when something is added. */
#define NP_VERSION_MINOR 1
/** Raised otherwise. */
#define NP_VERSION_PATCH 0

/** The three numbers as one that can be compared: 0xMMmmpp. */
#define NP_VERSION_NUMBER ((NP_VERSION_MAJOR << 16) | (NP_VERSION_MINOR << 8) | NP_VERSION_PATCH)

/** The NP_VERSION_NUMBER that the library, as opposed to the caller, was built with (ABI-2). Any thread. */
unsigned np_version(void);

/** The same for people, "0.1.0" (ABI-2). Static storage. Any thread. */
const char *np_version_string(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
