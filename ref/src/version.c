/*
 * The library's own idea of its version.
 *
 * A program that was built with one set of headers may run with another library. It can tell by comparing its
 * NP_VERSION_NUMBER with what np_version() says: the numbers here are those of the library's build, not of the caller's.
 */
#include <numaproof/version.h>

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

unsigned np_version(void)
{
    return NP_VERSION_NUMBER;
}

const char *np_version_string(void)
{
    return TEXT(NP_VERSION_MAJOR) "." TEXT(NP_VERSION_MINOR) "." TEXT(NP_VERSION_PATCH);
}
