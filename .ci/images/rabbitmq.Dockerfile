# RabbitMQ from Debian packages, told about its user by the variables of the official image.
ARG BASE
FROM ${BASE}
RUN printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d \
 && apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends rabbitmq-server \
 && rm -rf /var/lib/apt/lists/* /var/lib/rabbitmq/mnesia /var/lib/rabbitmq/.erlang.cookie
COPY rabbitmq-entrypoint /usr/local/bin/
ENV LANG=C.UTF-8 RABBITMQ_LOGS=-
USER rabbitmq
EXPOSE 5672
ENTRYPOINT ["rabbitmq-entrypoint"]
CMD ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
