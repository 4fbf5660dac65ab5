/*
 * Which implementation is measured.
 *
 * The benchmarks know the public headers and nothing else of any implementation: they call through a table that is filled by
 * name, so that what is measured is what the headers promise, and another implementation can be put in its place. A call through
 * the table costs what a call into a shared library costs, the one indirect jump.
 */
#include "functions.h"

#include "failure.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static const struct function {
    const char *symbol;
    size_t offset; /* In struct functions. */
} list[] = {
#define FUNCTIONS_ROW(name) {"np_" #name, offsetof(struct functions, name)},
    NP_API_FUNCTIONS(FUNCTIONS_ROW)};

np_status functions_load(const char *path, struct functions *functions, np_error *error)
{
    void *object = path == NULL ? RTLD_DEFAULT : dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (path != NULL && object == NULL)
        return failure(error, NP_SYSTEM, "%s cannot be loaded: %s", path, dlerror());
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        void *address = dlsym(object, list[i].symbol);
        if (address == NULL)
            return failure(error, NP_SYSTEM, "%s does not export %s: what is not there has no cost",
                path != NULL ? path : "this program", list[i].symbol);
        /* A function's address in a void * is what dlsym(3) gives; copied, because ISO C has no conversion for it. */
        memcpy((char *)functions + list[i].offset, &address, sizeof address);
    }
    return NP_OK;
}
