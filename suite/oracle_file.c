/*
 * Small texts of /proc and /sys: read whole, searched by line.
 */
#include "oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool oracle_read_file(const char *path, char *buffer, size_t size)
{
    size_t used = 0;
    ssize_t got = 0;

    buffer[0] = '\0';
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    while (used < size - 1) {
        got = read(file, buffer + used, size - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    close(file);
    buffer[used] = '\0';
    return got >= 0;
}

int64_t oracle_field(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) != 0)
            continue;
        char *end;
        long long value = strtoll(line + length, &end, 10);
        return strncmp(end, " kB", 3) == 0 ? value * 1024 : value;
    }
    return -1;
}
