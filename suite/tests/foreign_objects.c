/*
 * What is given as an implementation and is none: each is refused with one line that names it, and none of them crashes,
 * hangs or enters the process that asks.
 *
 * The shared objects that misbehave while they are loaded are built beside this test (foreign_*.c).
 */
#include "implementation.h"
#include "suite/suite.h"
#include "test.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/numaproof-foreign-XXXXXX";

/* The path of a file in this test's own folder. */
static const char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_bytes(const char *name, const void *bytes, size_t size)
{
    int file = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(file >= 0 && write(file, bytes, size) == (ssize_t)size, "%s", name);
    close(file);
}

/* The first @size bytes of a good object, with one change of its header. */
static void write_damaged(const char *name, const char *good, size_t size, void (*damage)(ElfW(Ehdr) *))
{
    char *bytes = malloc(size);
    int file = open(good, O_RDONLY | O_CLOEXEC);

    if (bytes == NULL || file < 0 || read(file, bytes, size) != (ssize_t)size) {
        CHECK(bytes != NULL && file >= 0, "%s cannot be read", good);
    } else {
        if (damage != NULL)
            damage((ElfW(Ehdr) *)(void *)bytes);
        write_bytes(name, bytes, size);
    }
    if (file >= 0)
        close(file);
    free(bytes);
}

static void for_another_machine(ElfW(Ehdr) * header)
{
    header->e_machine = EM_S390;
}

static void of_another_type(ElfW(Ehdr) * header)
{
    header->e_type = ET_REL;
}

static void expect_refused(const char *path, const char *word)
{
    const struct suite_options options = {.implementation = path, .own_library = true};
    struct suite_report report;
    np_error error = {.code = 0};

    np_status status = suite_run(&options, &report, &error);
    CHECK(status == NP_INVALID_ARGUMENT, "%s: status %d", path, (int)status);
    CHECK(strstr(error.reason, word) != NULL, "%s: expected \"%s\" in \"%s\"", path, word, error.reason);
    CHECK(strstr(error.reason, strrchr(path, '/')) != NULL, "%s is not named in \"%s\"", path, error.reason);
    CHECK(strchr(error.reason, '\n') == NULL, "more than one line: \"%s\"", error.reason);
}

static void check_files(const char *good, const char *program)
{
    expect_refused(program, "a program");
    expect_refused(path_of("missing.so"), "No such file");
    expect_refused(folder, "not a regular file");
    CHECK(mkfifo(path_of("fifo.so"), 0600) == 0, "mkfifo");
    expect_refused(path_of("fifo.so"), "not a regular file");
    write_bytes("empty.so", "", 0);
    expect_refused(path_of("empty.so"), "0 bytes");
    write_bytes("text.so", "This is a text that is long enough to hold an ELF header, but it is none.\n", 74);
    expect_refused(path_of("text.so"), "no ELF header");
    write_damaged("short.so", good, 4096, NULL);
    expect_refused(path_of("short.so"), "cut short");
    write_damaged("machine.so", good, 8192, for_another_machine);
    expect_refused(path_of("machine.so"), "another machine");
    write_damaged("object.so", good, 8192, of_another_type);
    expect_refused(path_of("object.so"), "not a shared object");
}

static void check_loading(const char *directory)
{
    static const struct {
        const char *name, *word;
    } rows[] = {
        {"foreign_crashes.so", "SIGSEGV"},
        {"foreign_exits.so", "ends the process"},
        {"foreign_exports_nothing.so", "exports no function"},
        {"foreign_hangs.so", "hangs"},
        {"foreign_needs_more.so", "cannot be loaded"},
        {"foreign_slow.so", "exports no function"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", directory, rows[i].name);
        expect_refused(path, rows[i].word);
    }
}

static void check_globs(const char *good)
{
    static const char *const globs[] = {"PIN-*", "NOSUCH-1", NULL};
    const struct suite_options options = {.implementation = good, .own_library = true, .clause_globs = globs};
    struct suite_report report;
    np_error error = {.code = 0};

    CHECK(suite_run(&options, &report, &error) == NP_INVALID_ARGUMENT, "a glob that matches nothing");
    CHECK(strstr(error.reason, "NOSUCH-1") != NULL, "\"%s\"", error.reason);
}

static void remove_folder(void)
{
    static const char *const names[] = {"fifo.so", "empty.so", "text.so", "short.so", "machine.so", "object.so"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(path_of(names[i]));
    rmdir(folder);
}

int main(int argc, char **argv)
{
    if (argc != 3 || mkdtemp(folder) == NULL) {
        fprintf(stderr, "usage: np_test_foreign_objects LIBRARY DIRECTORY-OF-FOREIGN-OBJECTS\n");
        return 2;
    }
    check_files(argv[1], argv[0]);
    check_loading(argv[2]);
    check_globs(argv[1]);
    remove_folder();
    return test_result();
}
