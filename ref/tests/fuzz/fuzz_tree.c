#include "fuzz_tree.h"
#include "fuzz.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fuzz_tree *made;

static void remove_all(void)
{
    for (size_t i = 0; i < made->file_count; i++)
        unlinkat(made->descriptor, made->files[i], 0);
    for (size_t i = made->folder_count; i > 0; i--)
        unlinkat(made->descriptor, made->folders[i - 1], AT_REMOVEDIR);
    rmdir(made->name);
}

static void create(struct fuzz_tree *tree)
{
    strcpy(tree->name, "fuzz_tree.XXXXXX");
    FUZZ_REQUIRE(mkdtemp(tree->name) != NULL);
    tree->descriptor = open(tree->name, O_DIRECTORY | O_CLOEXEC);
    FUZZ_REQUIRE(tree->descriptor >= 0);
    for (size_t i = 0; i < tree->folder_count; i++)
        FUZZ_REQUIRE(mkdirat(tree->descriptor, tree->folders[i], 0700) == 0);
    made = tree;
    atexit(remove_all);
}

static void write_file(const struct fuzz_tree *tree, const char *path, const uint8_t *text, size_t size)
{
    const int file = openat(tree->descriptor, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_REQUIRE(file >= 0 && write(file, text, size) == (ssize_t)size);
    close(file);
}

void fuzz_tree_fill(struct fuzz_tree *tree, const uint8_t *data, size_t size)
{
    if (made == NULL)
        create(tree);
    for (size_t i = 0; i < tree->file_count; i++) {
        const uint8_t *end = size > 0 ? memchr(data, 1, size) : NULL;
        const size_t length = end != NULL ? (size_t)(end - data) : size;
        if (size > 0)
            write_file(tree, tree->files[i], data, length);
        else
            unlinkat(tree->descriptor, tree->files[i], 0);
        data += end != NULL ? length + 1 : length;
        size -= end != NULL ? length + 1 : length;
    }
}
