/*
 * Pin this thread to a list of CPUs, for certain: strict_pin 0-3
 *
 * When np_pin_to_cpus() returns NP_OK in strict mode, the thread has exactly these CPUs and runs on one of them. A CPU that
 * is offline, or a missing privilege, is an error that says so, and the thread keeps the affinity that it had.
 */
#include <numaproof/numaproof.h>
#include <stdio.h>

static int complain(const np_error *error)
{
    fprintf(stderr, "%s: %s: %s\n", error->operation, np_status_name((np_status)error->code), error->reason);
    return 1;
}

int main(int count, char **arguments)
{
    np_error error;
    np_cpuset cpus;
    if (np_cpuset_parse(count > 1 ? arguments[1] : "0", &cpus, &error) != NP_OK)
        return complain(&error);

    np_pin *pin;
    if (np_pin_to_cpus(&cpus, NP_STRICT, &pin, &error) != NP_OK)
        return complain(&error);
    printf("strictly pinned to CPUs %s\n", count > 1 ? arguments[1] : "0");

    /* A guarantee can be looked at again, as long as it should hold. */
    bool holds;
    np_enforcement present;
    if (np_pin_verify(pin, &holds, &present, &error) != NP_OK)
        return complain(&error);
    printf("and still so: %s %s\n", np_level_name((np_level)present.level), present.reason);

    return np_pin_release(pin, &error) == NP_OK ? 0 : complain(&error);
}
