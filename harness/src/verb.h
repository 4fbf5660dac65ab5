/* The verbs of the command: one file each, one row each in the table of main.c. */
#ifndef NUMAPROOF_HARNESS_VERB_H
#define NUMAPROOF_HARNESS_VERB_H

/* Each takes its own argc and argv, with argv[0] "numaproof VERB", and returns an enum exit_status. */
int verb_info(int argc, char **argv);
int verb_conform(int argc, char **argv);
int verb_bench(int argc, char **argv);
int verb_validate(int argc, char **argv);
int verb_vm(int argc, char **argv);
int verb_matrix(int argc, char **argv);
int verb_machines(int argc, char **argv);
int verb_report(int argc, char **argv);
int verb_compare(int argc, char **argv);

#endif
