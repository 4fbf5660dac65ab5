/*
 * Files and folders of results: whole or not there, old and new never side by side. And the words for an unknown word.
 */
#include "file.h"
#include "folder.h"
#include "nearest.h"
#include "tree.h"
#include "unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    EXPECT(folder != NULL);
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return count - 2; /* . and .. */
}

static void make_folder(char path[64])
{
    strcpy(path, "/tmp/numaproof-files-XXXXXX");
    EXPECT(mkdtemp(path) != NULL);
}

static void a_whole_file(void)
{
    char folder[64];
    char text[16];
    char path[128];
    struct problem problem = {.text = ""};
    make_folder(folder);
    EXPECT(file_write(folder, "a", "first\n", 6, &problem));
    EXPECT(file_write(folder, "a", "again\n", 6, &problem));
    EXPECT(file_read_line(text, sizeof(text), folder, "/%s", "a"));
    EXPECT_TEXT(text, "again");
    EXPECT_NUMBER(entries(folder), 1);
    snprintf(path, sizeof(path), "%s/a", folder);
    EXPECT(unlink(path) == 0 && rmdir(folder) == 0);
}

/* As on a full disk: the write fails in the middle. What stood under the name stays, and nothing is left over. */
static void no_room(void)
{
    static char much[100000];
    const struct rlimit small = {.rlim_cur = 1000, .rlim_max = 1000};
    char folder[64];
    char text[16];
    char path[128];
    struct problem problem = {.text = ""};
    make_folder(folder);
    EXPECT(file_write(folder, "a", "former\n", 7, &problem));
    EXPECT(setrlimit(RLIMIT_FSIZE, &small) == 0);
    EXPECT(!file_write(folder, "a", much, sizeof(much), &problem));
    EXPECT_NUMBER(problem.status, STATUS_CANNOT_RUN);
    EXPECT_PART(problem.text, "/a: File too large");
    EXPECT_NUMBER(entries(folder), 1);
    EXPECT(file_read_line(text, sizeof(text), folder, "/a"));
    EXPECT_TEXT(text, "former");
    snprintf(path, sizeof(path), "%s/a", folder);
    EXPECT(unlink(path) == 0 && rmdir(folder) == 0);
}

static void no_room_in_child(void)
{
    unit_in_child(no_room);
}

static void no_folder(void)
{
    struct problem problem = {.text = ""};
    EXPECT(!file_write("/nonexistent", "a", "x", 1, &problem));
    EXPECT_PART(problem.text, "cannot write /nonexistent/a: No such file");
}

static void former_results_go(void)
{
    struct tree tree;
    struct folder folder;
    struct problem problem = {.text = ""};
    char text[16];
    tree_make(&tree);
    tree_change(&tree, "/out/result.json", "old");
    tree_change(&tree, "/out/emulated/two-nodes/result.json", "old");
    tree_change(&tree, "/out/notes.txt", "the user's own");
    char path[128];
    snprintf(path, sizeof(path), "%s/out", tree.root);
    EXPECT(folder_open(&folder, path, "conform", &problem));
    EXPECT(!file_read_line(text, sizeof(text), path, "/result.json"));
    EXPECT(!file_read_line(text, sizeof(text), path, "/emulated/two-nodes/result.json"));
    EXPECT(file_read_line(text, sizeof(text), path, "/notes.txt"));
    folder_log(&folder, "%s", "something");
    EXPECT(!file_read_line(text, sizeof(text), path, "/log.txt"));
    EXPECT(folder_close(&folder, &problem));
    EXPECT(file_read_line(text, sizeof(text), path, "/log.txt"));
    tree_remove(&tree);
}

/* A run that came to nothing leaves no folder that it made, and lets one stand that it found. */
static void abandoned(void)
{
    struct tree tree;
    struct folder folder;
    struct problem problem = {.text = ""};
    char path[128];
    tree_make(&tree);
    snprintf(path, sizeof(path), "%s/new/deep", tree.root);
    EXPECT(folder_open(&folder, path, "conform", &problem));
    folder_abandon(&folder);
    EXPECT(access(path, F_OK) != 0);
    snprintf(path, sizeof(path), "%s/proc", tree.root);
    EXPECT(folder_open(&folder, path, "conform", &problem));
    size_t count = entries(path);
    folder_abandon(&folder);
    EXPECT_NUMBER(entries(path), count - 1);
    tree_remove(&tree);
}

static void folders_that_cannot_be(void)
{
    static const char *const rows[] = {"", "/proc/nowhere", "/dev/null", "/dev/null/x"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct folder folder;
        struct problem problem = {.text = ""};
        EXPECT(!folder_open(&folder, rows[i], "conform", &problem));
        EXPECT_NUMBER(problem.status, STATUS_USAGE);
        EXPECT_PART(problem.text, rows[i]);
    }
}

static void nearest(void)
{
    static const char *const known[] = {"conform", "compare", "validate", "vm", "PIN-3", "PIN-4"};
    static const struct {
        const char *word;
        const char *meant; /* NULL: none. */
    } rows[] = {
        {"confrom", "conform"},
        {"compar", "compare"},
        {"VALIDATE", "validate"},
        {"valid", NULL},
        {"mv", "vm"},
        {"PIN3", "PIN-3"},
        {"pin-4", "PIN-4"},
        {"frobnicate", NULL},
        {"", NULL},
        {"a-word-that-is-longer-than-any-verb-could-sensibly-be-and-then-some-more-letters", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *found = nearest_word(rows[i].word, known, sizeof(known) / sizeof(known[0]));
        EXPECT_TEXT(found != NULL ? found : "none", rows[i].meant != NULL ? rows[i].meant : "none");
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a whole file", a_whole_file},
        {"no room", no_room_in_child},
        {"no folder", no_folder},
        {"former results go", former_results_go},
        {"an abandoned folder", abandoned},
        {"folders that cannot be", folders_that_cannot_be},
        {"the nearest word", nearest},
    };
    return unit_main("files", tests, sizeof(tests) / sizeof(tests[0]));
}
