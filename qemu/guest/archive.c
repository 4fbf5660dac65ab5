/* Writing a folder in cpio's "newc" format: see archive.h. */
#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_BYTES = 110 };

struct archive {
    unsigned char *memory;
    size_t size;
    size_t used;
    char *trouble;
    size_t trouble_size;
};

/* Takes @length bytes and pads to four, as the format wants; NULL when the memory is full. */
static unsigned char *take(struct archive *archive, size_t length)
{
    size_t padded = (length + 3) & ~(size_t)3;
    if (padded < length || padded > archive->size - archive->used) {
        snprintf(archive->trouble, archive->trouble_size,
            "the results do not fit in the %zu bytes shared with the launcher", archive->size);
        return NULL;
    }
    unsigned char *start = archive->memory + archive->used;
    memset(start + length, 0, padded - length);
    archive->used += padded;
    return start;
}

static bool put_header(struct archive *archive, const char *name, unsigned mode, size_t bytes)
{
    size_t name_size = strlen(name) + 1;
    unsigned char *start = take(archive, HEADER_BYTES + name_size);
    if (start == NULL) {
        return false;
    }
    /* Fields: magic, inode, mode, owner, group, links, time, size, four device numbers, size of the name, checksum. */
    char header[HEADER_BYTES + 1];
    snprintf(header, sizeof(header), "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 0U, mode, 0U, 0U, 1U,
        0U, (unsigned)bytes, 0U, 0U, 0U, 0U, (unsigned)name_size, 0U);
    memcpy(start, header, HEADER_BYTES);
    memcpy(start + HEADER_BYTES, name, name_size);
    return true;
}

static bool read_file(struct archive *archive, const char *path, unsigned char *into, size_t bytes)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    size_t done = 0;
    while (file >= 0 && done < bytes) {
        ssize_t got = read(file, into + done, bytes - done);
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            break;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    if (file >= 0) {
        close(file);
    }
    if (done < bytes) {
        snprintf(archive->trouble, archive->trouble_size, "cannot read the result file %s", path);
    }
    return done == bytes;
}

static bool put_entry(struct archive *archive, const FTSENT *entry, const char *name)
{
    if (entry->fts_info == FTS_D) {
        return put_header(archive, name, S_IFDIR | 0755U, 0);
    }
    if (entry->fts_info != FTS_F) {
        return true;
    }
    size_t bytes = (size_t)entry->fts_statp->st_size;
    if (!put_header(archive, name, S_IFREG | 0644U, bytes)) {
        return false;
    }
    unsigned char *start = take(archive, bytes);
    return start != NULL && read_file(archive, entry->fts_accpath, start, bytes);
}

size_t archive_folder(const char *folder, unsigned char *memory, size_t size, char *trouble, size_t trouble_size)
{
    struct archive archive = {.memory = memory, .size = size, .trouble = trouble, .trouble_size = trouble_size};
    char *roots[] = {(char *)(size_t)folder, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    bool good = walk != NULL;
    size_t prefix = strlen(folder) + 1;
    for (FTSENT *entry = NULL; good && (entry = fts_read(walk)) != NULL;) {
        if (entry->fts_level > 0) {
            good = put_entry(&archive, entry, entry->fts_path + prefix);
        }
    }
    if (walk == NULL) {
        snprintf(trouble, trouble_size, "cannot read the folder %s: %s", folder, strerror(errno));
    } else {
        fts_close(walk);
    }
    return good && put_header(&archive, "TRAILER!!!", 0, 0) ? archive.used : 0;
}
