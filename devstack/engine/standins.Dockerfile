# Stand-ins for the public images python, mongo, rabbitmq and caddy, for tests on machines without a registry. Never push them.
# devstack/engine/standins.py builds each target; the network of the build reaches Debian's packages.
FROM scratch AS python
ADD debian.tar /
RUN apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
        ca-certificates python-is-python3 python3-venv tzdata \
    && apt-get clean && rm -rf /var/lib/apt/lists/*
CMD ["python"]

# As in the public image: data in /data/db, port 27017, a user of its own, and the command names mongod with its arguments.
# The server is that of the Python environment, MongoDB 6.
FROM python AS mongodb
RUN apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends libcurl4 \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 999 mongodb && install -d -o mongodb /data/db
COPY mongod /usr/local/bin/mongod
USER mongodb
VOLUME /data/db
EXPOSE 27017
CMD ["mongod", "--bind_ip_all"]

# As in the public image: data in /var/lib/rabbitmq, port 5672, log on the console, the user guest from every address, and 999 as
# the number of the user. The server is Debian's, RabbitMQ 3.10. The wrappers in /usr/sbin redirect the log into files.
FROM python AS rabbitmq
RUN groupadd --system --gid 999 rabbitmq \
    && useradd --system --uid 999 --gid 999 --home-dir /var/lib/rabbitmq --shell /usr/sbin/nologin rabbitmq \
    && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends rabbitmq-server \
    && apt-get clean && rm -rf /var/lib/apt/lists/* /var/lib/rabbitmq/* /var/lib/rabbitmq/.erlang.cookie \
    && printf 'loopback_users.guest = false\nlog.console = true\nlog.file = false\n' > /etc/rabbitmq/rabbitmq.conf
ENV PATH=/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/var/lib/rabbitmq
USER rabbitmq
VOLUME /var/lib/rabbitmq
EXPOSE 5672
CMD ["rabbitmq-server"]

# As in the public image: files in /data and /config, ports 80 and 443, and a `wget` for probes. The server is Debian's, Caddy 2.6.
FROM python AS caddy
RUN apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends caddy wget \
    && apt-get clean && rm -rf /var/lib/apt/lists/* && mkdir -p /data /config
ENV XDG_DATA_HOME=/data \
    XDG_CONFIG_HOME=/config
VOLUME /data /config
EXPOSE 80 443
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
