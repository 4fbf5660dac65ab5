# Writes the header that says which commit is being built. Run at each build: a commit changes no file that the build
# would notice. The header changes only when what it says does, so that nothing is compiled for nothing.
#   cmake -D SOURCE=... -D HEADER=... -P git_version.cmake
set(commit "unknown")
set(dirty "false")
# A clone that belongs to another user is still the source that is being built.
set(git git -c safe.directory=* -C ${SOURCE})
execute_process(COMMAND ${git} rev-parse HEAD OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE status ERROR_QUIET)
if(status EQUAL 0)
    set(commit ${found})
    execute_process(COMMAND ${git} status --porcelain OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
        set(dirty "true")
    endif()
endif()
file(WRITE ${HEADER}.new "#define NP_GIT_COMMIT \"${commit}\"\n#define NP_GIT_DIRTY ${dirty}\n")
file(COPY_FILE ${HEADER}.new ${HEADER} ONLY_IF_DIFFERENT)
