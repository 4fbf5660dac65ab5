/*
 * Looking at a file before the dynamic linker does.
 *
 * glibc's dlopen(3) checks magic and machine by itself, but maps segments that a truncated file does not have: the first
 * touch of them is a SIGBUS. It also waits for ever on a FIFO. So the file is opened without blocking and its program
 * headers are held against its size first.
 */
#include "shared_object.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#endif

#define SEGMENTS_MAX 64

static bool refuse(char *reason, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool refuse(char *reason, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, size, format, arguments);
    va_end(arguments);
    return false;
}

static bool header_is_ours(const ElfW(Ehdr) * header, const char *path, char *reason, size_t size)
{
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return refuse(reason, size, "%s is not a shared object: it has no ELF header", path);
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != MACHINE)
        return refuse(reason, size, "%s is for another machine: ELF machine %u, class %u; this one is %u, class %u",
            path, (unsigned)header->e_machine, (unsigned)header->e_ident[EI_CLASS], (unsigned)MACHINE,
            (unsigned)ELFCLASS64);
    if (header->e_type != ET_DYN)
        return refuse(reason, size, "%s is not a shared object: ELF type %u", path, (unsigned)header->e_type);
    if (header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phnum == 0 || header->e_phnum > SEGMENTS_MAX)
        return refuse(reason, size, "%s is damaged: %u program headers of %u bytes", path, (unsigned)header->e_phnum,
            (unsigned)header->e_phentsize);
    return true;
}

static bool segments_are_whole(
    int file, const ElfW(Ehdr) * header, uint64_t bytes, const char *path, char *reason, size_t size)
{
    ElfW(Phdr) segments[SEGMENTS_MAX];
    size_t length = header->e_phnum * sizeof segments[0];
    bool has_dynamic = false;

    if (pread(file, segments, length, (off_t)header->e_phoff) != (ssize_t)length)
        return refuse(
            reason, size, "%s is cut short: its program headers lie beyond its %ju bytes", path, (uintmax_t)bytes);
    for (unsigned i = 0; i < header->e_phnum; i++) {
        uint64_t end;
        has_dynamic = has_dynamic || segments[i].p_type == PT_DYNAMIC;
        if (segments[i].p_type == PT_INTERP)
            return refuse(reason, size, "%s is a program, not a shared object", path);
        if (segments[i].p_type == PT_LOAD &&
            (__builtin_add_overflow(segments[i].p_offset, segments[i].p_filesz, &end) || end > bytes))
            return refuse(
                reason, size, "%s is cut short: segment %u ends beyond its %ju bytes", path, i, (uintmax_t)bytes);
    }
    return has_dynamic || refuse(reason, size, "%s is not a shared object: it has no dynamic section", path);
}

static bool open_file_is_loadable(int file, const char *path, char *reason, size_t size)
{
    struct stat status;
    ElfW(Ehdr) header;

    if (fstat(file, &status) != 0)
        return refuse(reason, size, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refuse(reason, size, "%s is not a regular file", path);
    if (pread(file, &header, sizeof header, 0) != (ssize_t)sizeof header)
        return refuse(reason, size, "%s is not a shared object: it has %jd bytes", path, (intmax_t)status.st_size);
    return header_is_ours(&header, path, reason, size) &&
           segments_are_whole(file, &header, (uint64_t)status.st_size, path, reason, size);
}

bool shared_object_is_loadable(const char *path, char *reason, size_t size)
{
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (file < 0)
        return refuse(reason, size, "%s cannot be opened: %s", path, strerror(errno));
    bool loadable = open_file_is_loadable(file, path, reason, size);
    close(file);
    return loadable;
}
