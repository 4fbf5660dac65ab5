/* The machine as hwloc sees it, in files: topology.xml for programs, topology.svg for people. */
#ifndef NUMAPROOF_HARNESS_TOPOLOGY_FILES_H
#define NUMAPROOF_HARNESS_TOPOLOGY_FILES_H

#include "folder.h"

/*
 * Write both to @folder. The picture is lstopo's, made from the XML so that both show the same; where there is no lstopo,
 * there is no picture, and the log says so.
 */
bool topology_files_write(struct folder *folder, struct problem *problem);

/*
 * hwloc lets the environment replace the machine by a file or a description. That is for tests of programs, and must never
 * become a result about this machine: take all such variables out, and say so when there were some.
 */
void topology_ignore_environment(void);

#endif
