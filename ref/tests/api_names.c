/* Prints the names of the API, one a line: the list that the library's exports are compared with. */
#include <numaproof/api.h>
#include <stdio.h>

#define PRINT(name) puts("np_" #name);

int main(void)
{
    NP_API_FUNCTIONS(PRINT)
    return 0;
}
