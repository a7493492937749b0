/* The limit: send(2) in a loop over sockets that are there, and nothing else.
 *
 * `send_loop PORT` takes connections on loopback. A line "SIZE TIMES" on standard input sends SIZE bytes to each of them, so many
 * times over, and is answered by the number of sends. A peer that has gone is forgotten; a socket that does not take it ends the program. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 20000, LONGEST = 65536, BACKLOG = 4096 };

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int listening(int port) {
    int on = 1, server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&here, sizeof here) != 0 || listen(server, BACKLOG) != 0) fail("listen");
    return server;
}

int main(int argc, char **argv) {
    static int sockets[MOST];
    static char payload[LONGEST];
    int number = 0, on = 1;
    if (argc != 2) return 2;
    struct pollfd waits[2] = {{.fd = 0, .events = POLLIN}, {.fd = listening(atoi(argv[1])), .events = POLLIN}};
    memset(payload, 'x', sizeof payload);
    for (;;) {
        if (poll(waits, 2, -1) < 0) fail("poll");
        if (waits[1].revents && number < MOST) {
            int one = accept(waits[1].fd, NULL, NULL);
            if (one < 0) fail("accept");
            setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            sockets[number++] = one;
        }
        if (waits[0].revents) {
            char line[64];
            int size, times;
            if (!fgets(line, sizeof line, stdin)) return 0;
            if (sscanf(line, "%d %d", &size, &times) != 2 || size > LONGEST) return 2;
            for (int round = 0; round < times; round++)
                for (int at = 0; at < number; at++) {
                    if (send(sockets[at], payload, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL) == size) continue;
                    if (errno != EPIPE && errno != ECONNRESET) fail("send");
                    close(sockets[at]);
                    sockets[at--] = sockets[--number];
                }
            printf("%d\n", times * number);
            fflush(stdout);
        }
    }
}
