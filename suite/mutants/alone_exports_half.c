/* Breaks ABI-1: only the version is there; nothing else is exported. */
#include <numaproof/version.h>

unsigned np_version(void)
{
    return NP_VERSION_NUMBER;
}

const char *np_version_string(void)
{
    return "0.1.0";
}
