/*
 * A folder as one run of bytes, in the cpio format "newc" that the kernel reads its first files from: the same format
 * goes into the guest and comes out of it, and one small reader and writer in Python serves both ends.
 */
#ifndef NUMAPROOF_GUEST_ARCHIVE_H
#define NUMAPROOF_GUEST_ARCHIVE_H

#include <stddef.h>

/*
 * Writes the regular files and folders below @folder into @memory. Returns the archive's size; 0 with the reason in
 * @trouble when they do not fit in @size or cannot be read. A folder that does not exist gives an empty archive.
 */
size_t archive_folder(const char *folder, unsigned char *memory, size_t size, char *trouble, size_t trouble_size);

#endif
