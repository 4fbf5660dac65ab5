/*
 * The first and only program of an emulated machine besides the command itself.
 *
 * The kernel starts it as process 1. It makes the system usable, runs the command that the launcher laid down in
 * /numaproof, passes on what the command prints, hands back its result folder and what became of it, and switches the
 * machine off. There is no shell and no other tool in the guest, so that nothing but kernel and command
 * can colour a result. It says "ended" only after the command has ended and its results lie in the shared memory;
 * whatever goes wrong before that is either told as trouble or leaves the launcher without the word "ended", which it
 * takes for a lost guest.
 *
 * /numaproof/directory holds the folder to run in; /numaproof/environment and /numaproof/arguments hold strings, each
 * ended by a zero byte. Without them (a machine that is started only to see whether it boots) init reports that it runs and ends.
 */
#include "access_reader.h"
#include "archive.h"
#include "channel.h"
#include "mailbox.h"
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESULTS "numaproof-results"

struct command {
    char *directory;
    char **environment;
    char **arguments;
};

/* The running command, as init watches it. */
struct run {
    pid_t process;
    int channel;
    int output; /* Read ends of the pipes that are the command's standard output and standard error. */
    int error;
    int children; /* Readable when a child has ended. */
    bool ended;
    int status; /* As waitpid gives it. */
};

/* Tells the launcher what init could not do, and ends the machine. */
static _Noreturn void give_up(int channel, const char *what)
{
    channel_send_text(channel, FRAME_TROUBLE, "%s", what);
    channel_drain(channel);
    system_power_off();
}

static _Noreturn void give_up_with_errno(int channel, const char *what)
{
    char trouble[512];
    snprintf(trouble, sizeof(trouble), "%s: %s", what, strerror(errno));
    give_up(channel, trouble);
}

/* The whole of a file with a zero byte after it, and its size; NULL with errno set when it cannot be read. */
static char *read_whole(const char *path, size_t *size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) {
        return NULL;
    }
    char *bytes = calloc(1, (size_t)status.st_size + 1);
    ssize_t got = bytes == NULL ? -1 : read(file, bytes, (size_t)status.st_size);
    close(file);
    if (got != status.st_size) {
        free(bytes);
        return NULL;
    }
    *size = (size_t)got;
    return bytes;
}

/* The strings of a file, each ended by a zero byte, as an array ended by NULL; NULL with errno set on failure. */
static char **read_strings(const char *path)
{
    size_t size = 0;
    char *bytes = read_whole(path, &size);
    char **strings = bytes == NULL ? NULL : calloc(size + 1, sizeof(char *));
    size_t count = 0;
    for (size_t at = 0; strings != NULL && at < size; at += strlen(bytes + at) + 1) {
        strings[count++] = bytes + at;
    }
    return strings;
}

static bool read_command(int channel, struct command *command)
{
    size_t size = 0;
    command->directory = read_whole("/numaproof/directory", &size);
    if (command->directory == NULL && errno == ENOENT) {
        return false;
    }
    command->environment = read_strings("/numaproof/environment");
    command->arguments = read_strings("/numaproof/arguments");
    if (command->directory == NULL || command->environment == NULL || command->arguments == NULL) {
        give_up_with_errno(channel, "cannot read the command in /numaproof");
    }
    return true;
}

/* In the child: becomes the command, or says on its standard error why not. */
static _Noreturn void become(const struct command *command, int output, int error)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int input = open("/dev/null", O_RDONLY);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    close(input);
    execve(command->arguments[0], command->arguments, command->environment);
    fprintf(stderr, "cannot run %s in the guest: %s\n", command->arguments[0], strerror(errno));
    _exit(127);
}

static void start(const struct command *command, struct run *run)
{
    int output[2];
    int error[2];
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    run->children = signalfd(-1, &child, SFD_CLOEXEC);
    if (run->children < 0 || pipe2(output, O_CLOEXEC) != 0 || pipe2(error, O_CLOEXEC) != 0) {
        give_up_with_errno(run->channel, "cannot make the pipes for the command");
    }
    run->process = fork();
    if (run->process < 0) {
        give_up_with_errno(run->channel, "cannot start a process for the command");
    }
    if (run->process == 0) {
        become(command, output[1], error[1]);
    }
    close(output[1]);
    close(error[1]);
    run->output = output[0];
    run->error = error[0];
    /* Left-over children of the command may hold the pipes open for ever: what they hold back is not waited for. */
    fcntl(run->output, F_SETFL, O_NONBLOCK);
    fcntl(run->error, F_SETFL, O_NONBLOCK);
}

/* Passes on what a pipe holds now; false when it will never hold more. */
static bool pass_on(int channel, int pipe, enum frame_kind kind)
{
    char bytes[16384];
    for (;;) {
        ssize_t got = read(pipe, bytes, sizeof(bytes));
        if (got <= 0) {
            return got < 0 && (errno == EAGAIN || errno == EINTR);
        }
        channel_send(channel, kind, bytes, (size_t)got);
    }
}

/* Takes leave of every child that has ended, also of those that the command left behind to process 1. */
static void reap(struct run *run)
{
    struct signalfd_siginfo unused;
    if (read(run->children, &unused, sizeof(unused)) < 0) {
        return;
    }
    int status = 0;
    for (pid_t gone = 0; (gone = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (gone == run->process) {
            run->ended = true;
            run->status = status;
        }
    }
}

static void answer_question(int channel)
{
    char question[64];
    if (read(channel, question, sizeof(question)) > 0) {
        channel_send(channel, FRAME_ALIVE, "", 0);
    }
}

static void watch(struct run *run)
{
    struct pollfd events[] = {
        {.fd = run->output, .events = POLLIN},
        {.fd = run->error, .events = POLLIN},
        {.fd = run->children, .events = POLLIN},
        {.fd = run->channel, .events = POLLIN},
    };
    while (!run->ended) {
        if (poll(events, sizeof(events) / sizeof(events[0]), -1) < 0) {
            continue;
        }
        if (events[0].revents != 0 && !pass_on(run->channel, run->output, FRAME_OUTPUT)) {
            events[0].fd = -1;
        }
        if (events[1].revents != 0 && !pass_on(run->channel, run->error, FRAME_ERROR)) {
            events[1].fd = -1;
        }
        if (events[2].revents != 0) {
            reap(run);
        }
        if ((events[3].revents & POLLIN) != 0) {
            answer_question(run->channel);
        }
    }
    pass_on(run->channel, run->output, FRAME_OUTPUT);
    pass_on(run->channel, run->error, FRAME_ERROR);
}

static void hand_over_results(int channel)
{
    struct mailbox mailbox;
    char trouble[512];
    if (mailbox_open(&mailbox, trouble, sizeof(trouble)) != 0) {
        give_up(channel, trouble);
    }
    size_t size = archive_folder(RESULTS, mailbox.memory, mailbox.size, trouble, sizeof(trouble));
    if (size == 0) {
        give_up(channel, trouble);
    }
    channel_send_text(channel, FRAME_RESULTS, "%zu %lu", size, (unsigned long)crc32_of(0, mailbox.memory, size));
}

static void tell_the_end(const struct run *run, unsigned long memory_kills_before)
{
    if (WIFEXITED(run->status)) {
        channel_send_text(run->channel, FRAME_ENDED, "exit %d", WEXITSTATUS(run->status));
    } else if (WTERMSIG(run->status) == SIGKILL && system_memory_kills() > memory_kills_before) {
        channel_send_text(run->channel, FRAME_ENDED, "out-of-memory %d", WTERMSIG(run->status));
    } else {
        channel_send_text(run->channel, FRAME_ENDED, "signal %d", WTERMSIG(run->status));
    }
}

/* Before anything else runs, the access counter, if this machine has one, must know which node an address belongs to. */
static void prove_access_counter(int channel)
{
    struct access_reader counter;
    char why[256];
    if (!access_reader_open(&counter, why, sizeof(why))) {
        if (counter.present) {
            give_up(channel, why);
        }
        return;
    }
    if (!access_reader_prove(&counter, why, sizeof(why))) {
        give_up(channel, why);
    }
    access_reader_close(&counter);
}

int main(void)
{
    char trouble[512];
    struct command command;
    int ready = system_set_up(trouble, sizeof(trouble));
    struct run run = {.channel = channel_open()};
    if (run.channel < 0) {
        fprintf(stderr, "numaproof: cannot open the second serial port: %s\n", strerror(errno));
        system_power_off();
    }
    if (ready != 0) {
        give_up(run.channel, trouble);
    }
    channel_send(run.channel, FRAME_BOOTED, "", 0);
    if (read_command(run.channel, &command)) {
        unsigned long memory_kills = system_memory_kills();
        prove_access_counter(run.channel);
        if (chdir(command.directory) != 0) {
            give_up_with_errno(run.channel, command.directory);
        }
        start(&command, &run);
        watch(&run);
        hand_over_results(run.channel);
        tell_the_end(&run, memory_kills);
    }
    channel_drain(run.channel);
    system_power_off();
}
