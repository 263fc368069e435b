/* launch RUNS PROGRAM [ARGUMENT...]: runs a program so often, one after the other, with nothing for input and output.
 * Prints of each run: nanoseconds from before the fork to after the wait, peak resident KiB, exit status.
 * Without arguments it does nothing, which is the floor of every program's start. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return moment.tv_sec * 1000000000LL + moment.tv_nsec;
}

int main(int count, char **words)
{
    if (count < 3)
        return 0;
    int nothing = open("/dev/null", O_RDWR);
    for (int runs = atoi(words[1]); runs > 0; runs--) {
        long long start = now();
        pid_t child = fork();
        if (child < 0)
            return 1;
        if (child == 0) {
            dup2(nothing, 0);
            dup2(nothing, 1);
            dup2(nothing, 2);
            execv(words[2], words + 2);
            _exit(127);
        }
        int status;
        struct rusage usage;
        if (wait4(child, &status, 0, &usage) != child)
            return 1;
        printf("%lld %ld %d\n", now() - start, usage.ru_maxrss, status);
    }
    return 0;
}
