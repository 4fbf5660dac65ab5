/* An object of some other library: nothing of the API is in it. */
int an_unrelated_function(void);

__attribute__((visibility("default"))) int an_unrelated_function(void)
{
    return 7;
}
