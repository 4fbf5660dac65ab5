/* An object that needs a function which nobody has. */
int a_function_that_is_nowhere(void);
int np_version(void);

__attribute__((visibility("default"))) int np_version(void)
{
    return a_function_that_is_nowhere();
}
