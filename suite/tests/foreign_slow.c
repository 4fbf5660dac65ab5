/* An object whose constructor takes seven seconds of a busy machine: longer than who hangs is given, and it does not hang. */
#include <time.h>

__attribute__((constructor)) static void take_long(void)
{
    time_t end = time(NULL) + 7;

    while (time(NULL) < end)
        continue;
}
