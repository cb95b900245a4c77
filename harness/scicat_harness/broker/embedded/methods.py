"""The methods of a channel: one function each, and a table of them by method."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from pamqp import base, commands

from scicat_harness.broker.embedded.channel import AmqpChannel, Subscription
from scicat_harness.broker.embedded.content import MessageContent
from scicat_harness.broker.embedded.faults import (
    access_refused,
    not_allowed,
    not_found,
    not_implemented,
    precondition_failed,
)
from scicat_harness.broker.embedded.queues import Queue
from scicat_harness.broker.embedded.routing import AmqpExchange
from scicat_harness.broker.embedded.wire import declared, got

__all__ = ["perform"]

_Exchange, _Queue, _Basic = commands.Exchange, commands.Queue, commands.Basic
_SUPPORTED_ARGUMENTS = {"x-queue-type": "classic"}
"""Arguments of declarations that change nothing here; all others are refused."""


def perform(channel: AmqpChannel, method: base.Frame) -> None:
    """Carry out a method on a channel, and send its reply unless it has ``nowait``.

    Raises a fault when the client makes an error or the method is not implemented.
    """
    action = _ACTIONS.get(type(method))
    if action is None:
        raise not_implemented(method.name)
    action(channel, method)


def _exchange_declare(channel: AmqpChannel, method: commands.Exchange.Declare) -> None:
    vhost = channel.link.vhost
    if method.passive:
        vhost.exchange(method.exchange)
    else:
        if method.exchange_type == "headers":
            raise not_implemented("exchanges of type headers")
        _refuse_arguments(method.arguments)
        wanted = AmqpExchange(
            method.exchange,
            method.exchange_type,
            durable=method.durable,
            auto_delete=method.auto_delete,
            internal=method.internal,
        )
        vhost.declare_exchange(wanted)
    _answer(channel, method, _Exchange.DeclareOk())


def _exchange_delete(channel: AmqpChannel, method: commands.Exchange.Delete) -> None:
    channel.link.vhost.delete_exchange(method.exchange, if_unused=method.if_unused)
    _answer(channel, method, _Exchange.DeleteOk())


def _queue_declare(channel: AmqpChannel, method: commands.Queue.Declare) -> None:
    vhost = channel.link.vhost
    if method.passive:
        queue = vhost.queue(method.queue, channel.link)
    else:
        _refuse_arguments(method.arguments)
        queue = vhost.declare_queue(
            method.queue,
            durable=method.durable,
            auto_delete=method.auto_delete,
            owner=channel.link if method.exclusive else None,
        )
    # Later methods with an empty queue name mean this one (AMQP 0-9-1, queue.bind).
    channel.last_queue = queue.name
    if not method.nowait:
        channel.link.write(declared(channel.number, queue.name, len(queue), len(queue.consumers)))


def _queue_bind(channel: AmqpChannel, method: commands.Queue.Bind) -> None:
    queue = _queue(channel, method.queue)
    key, arguments = method.routing_key or "", _identity(method.arguments)
    channel.link.vhost.bind(method.exchange, queue, key, arguments)
    _answer(channel, method, _Queue.BindOk())


def _queue_unbind(channel: AmqpChannel, method: commands.Queue.Unbind) -> None:
    queue = method.queue or channel.last_queue
    # A missing queue is no error; an exclusive one of another connection is.
    if channel.link.vhost.has_queue(queue):
        _queue(channel, queue)
    key, arguments = method.routing_key or "", _identity(method.arguments)
    channel.link.vhost.unbind(method.exchange, queue, key, arguments)
    # queue.unbind has no nowait.
    channel.send(_Queue.UnbindOk())


def _queue_purge(channel: AmqpChannel, method: commands.Queue.Purge) -> None:
    _answer(channel, method, _Queue.PurgeOk(_queue(channel, method.queue).purge()))


def _queue_delete(channel: AmqpChannel, method: commands.Queue.Delete) -> None:
    # As in RabbitMQ, deleting a missing queue is no error.
    removed = 0
    if channel.link.vhost.has_queue(method.queue) or not method.queue:
        queue = _queue(channel, method.queue)
        if method.if_unused and queue.consumers:
            raise precondition_failed(f"queue '{queue.name}' in vhost '/' in use")
        if method.if_empty and len(queue):
            raise precondition_failed(f"queue '{queue.name}' in vhost '/' not empty")
        removed = len(queue)
        channel.link.vhost.delete_queue(queue)
    _answer(channel, method, _Queue.DeleteOk(removed))


def _publish(channel: AmqpChannel, method: commands.Basic.Publish) -> None:
    if method.immediate:
        raise not_implemented("immediate=true")
    # The reply comes when header and body have followed.
    channel.content_of = MessageContent(method)


def _consume(channel: AmqpChannel, method: commands.Basic.Consume) -> None:
    queue = _queue(channel, method.queue)
    if method.arguments:
        raise not_implemented("consumers with arguments")
    tag = method.consumer_tag or f"amq.ctag-{secrets.token_urlsafe(16)}"
    if tag in channel.subscriptions:
        raise not_allowed(f"attempt to reuse consumer tag '{tag}'")
    if any(each.exclusive or method.exclusive for each in queue.consumers):
        raise access_refused(f"queue '{queue.name}' in vhost '/' in exclusive use")
    subscription = Subscription(channel, tag, queue, channel.limit_each)
    subscription.no_ack = method.no_ack
    subscription.exclusive = method.exclusive
    channel.subscriptions[tag] = subscription
    queue.consumers.append(subscription)
    # The reply first: a client does not know the consumer of an earlier delivery.
    _answer(channel, method, _Basic.ConsumeOk(tag))
    queue.dispatch()


def _cancel(channel: AmqpChannel, method: commands.Basic.Cancel) -> None:
    tag = method.consumer_tag or ""
    subscription = channel.subscriptions.pop(tag, None)
    _answer(channel, method, _Basic.CancelOk(tag))
    if subscription is not None:
        channel.link.vhost.unsubscribe(subscription.queue, subscription)


def _get(channel: AmqpChannel, method: commands.Basic.Get) -> None:
    queue = _queue(channel, method.queue)
    stored = queue.pop()
    if stored is None:
        channel.send(_Basic.GetEmpty())
        return
    # Delivery tags are counted for basic.get and consumers together.
    tag = channel.next_tag() if method.no_ack else channel.hand_out(stored, queue, None)
    head = got(channel.number, tag, stored.message, len(queue), again=stored.redelivered)
    channel.link.write(head + channel.content(stored))


def _ack(channel: AmqpChannel, method: commands.Basic.Ack) -> None:
    channel.settle(method.delivery_tag or 0, multiple=method.multiple, requeue=False)


def _nack(channel: AmqpChannel, method: commands.Basic.Nack) -> None:
    channel.settle(method.delivery_tag or 0, multiple=method.multiple, requeue=method.requeue)


def _reject(channel: AmqpChannel, method: commands.Basic.Reject) -> None:
    channel.settle(method.delivery_tag or 0, multiple=False, requeue=method.requeue)


def _recover(channel: AmqpChannel, method: commands.Basic.Recover) -> None:
    if not method.requeue:
        raise not_implemented("requeue=false")
    channel.recover()
    channel.send(_Basic.RecoverOk())


def _qos(channel: AmqpChannel, method: commands.Basic.Qos) -> None:
    if method.prefetch_size:
        raise not_implemented(f"prefetch_size!=0 ({method.prefetch_size})")
    # As in RabbitMQ: global is per channel, the other per consumer (the protocol differs).
    if method.global_:
        channel.limit_all = method.prefetch_count
    else:
        channel.limit_each = method.prefetch_count
    channel.send(_Basic.QosOk())


def _confirm(channel: AmqpChannel, method: commands.Confirm.Select) -> None:
    channel.confirm()
    _answer(channel, method, commands.Confirm.SelectOk())


def _flow(channel: AmqpChannel, method: commands.Channel.Flow) -> None:
    if not method.active:
        raise not_implemented("active=false")
    channel.send(commands.Channel.FlowOk(active=True))


def _answer(channel: AmqpChannel, method: Any, reply: base.Frame) -> None:
    if not method.nowait:
        channel.send(reply)


def _queue(channel: AmqpChannel, name: str) -> Queue:
    if not name and not channel.last_queue:
        raise not_found("queue", "")
    return channel.link.vhost.queue(name or channel.last_queue, channel.link)


def _refuse_arguments(arguments: Mapping[str, object] | None) -> None:
    for name, value in (arguments or {}).items():
        if _SUPPORTED_ARGUMENTS.get(name) != value:
            raise not_implemented(f"argument {name}={value!r}")


def _identity(arguments: Mapping[str, object] | None) -> str:
    # Bindings with other arguments are other bindings; the order of arguments is none.
    return repr(sorted((arguments or {}).items()))


_ACTIONS: Mapping[type[base.Frame], Callable[[AmqpChannel, Any], None]] = {
    _Exchange.Declare: _exchange_declare,
    _Exchange.Delete: _exchange_delete,
    _Queue.Declare: _queue_declare,
    _Queue.Bind: _queue_bind,
    _Queue.Unbind: _queue_unbind,
    _Queue.Purge: _queue_purge,
    _Queue.Delete: _queue_delete,
    _Basic.Publish: _publish,
    _Basic.Consume: _consume,
    _Basic.Cancel: _cancel,
    _Basic.Get: _get,
    _Basic.Ack: _ack,
    _Basic.Nack: _nack,
    _Basic.Reject: _reject,
    _Basic.Recover: _recover,
    _Basic.Qos: _qos,
    commands.Confirm.Select: _confirm,
    commands.Channel.Flow: _flow,
}
