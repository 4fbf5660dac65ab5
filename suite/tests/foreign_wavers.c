/* Tells its version wrongly each third time; the times are the bytes of the file that the environment names. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

__attribute__((visibility("default"))) unsigned np_version(void);
unsigned np_version(void)
{
    struct stat status = {.st_size = 0};
    int file = open(getenv("WAVERS_COUNTER"), O_WRONLY | O_APPEND);

    if (file < 0 || write(file, "x", 1) != 1 || fstat(file, &status) != 0)
        abort();
    close(file);
    return status.st_size % 3 == 0 ? 0 : 1 << 8;
}

__attribute__((visibility("default"))) const char *np_version_string(void);
const char *np_version_string(void)
{
    return "0.1.0";
}
