/*
 * Is this file something that may be given to dlopen(3)? Decided from its bytes, without loading it.
 */
#ifndef NUMAPROOF_SUITE_SHARED_OBJECT_H
#define NUMAPROOF_SUITE_SHARED_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True for a regular, readable, whole ELF shared object of this machine and word size; else false with the cause in
 * @reason, which names the file.
 */
bool shared_object_is_loadable(const char *path, char *reason, size_t size);

#endif
