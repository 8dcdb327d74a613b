"""The one module that knows LangChain: a model with tools at any OpenAI-compatible server.

It is imported only when a model is asked, as it takes seconds. Nothing is reported to anybody.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import openai
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, AgentState, hook_config
from langchain.tools import BaseTool
from langchain_core.messages import AIMessage, AIMessageChunk, ToolCall, ToolMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI
from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime
from langsmith import tracing_context
from pydantic import PrivateAttr, SecretStr

from ...errors import ModelFailed
from .happening import Event, StepEnded, StepStarted, TextEnded, TokenSeen
from .model import ModelSettings
from .tools import Tool, Toolbox
from .watching import Watch

for _name in ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER"):
    os.environ.pop(_name, None)  # of old versions, and now an error

Message = dict[str, str]
"""role and content."""

_ENDS = {
    "stop": "",
    "tool_calls": "",
    "function_call": "",
    "length": "it ran into its own limit of words",
    "content_filter": "its provider withheld the answer",
}


def events(
    settings: ModelSettings,
    system: str,
    messages: Sequence[Message],
    toolbox: Toolbox,
    watch: Watch,
) -> Iterator[Event]:
    """What happens until the model has answered; TextEnded comes last. Raises ModelFailed."""
    try:
        with tracing_context(enabled=False), _client(watch, settings) as client:
            yield from _events(_agent(settings, system, toolbox, watch, client), messages, watch)
    except ModelFailed:
        raise
    except Exception as error:
        raise ModelFailed(watch.why or _why(error, settings)) from None


def written(
    settings: ModelSettings,
    messages: Sequence[Mapping[str, str]],
    schema: Mapping[str, Any],
    watch: Watch,
) -> Iterator[Event]:
    """JSON of a schema, asked for once and without tools; TextEnded. Raises ModelFailed."""
    form = {"type": "json_schema", "json_schema": {"name": "plan", "schema": schema}}
    try:
        with tracing_context(enabled=False), _client(watch, settings) as client:
            watch.model_called()
            model = _model(settings, client, {"response_format": form})
            said = model.invoke([dict(each) for each in messages])
    except ModelFailed:
        raise
    except Exception as error:
        raise ModelFailed(watch.why or _why(error, settings)) from None
    if why := _ENDS.get(said.response_metadata.get("finish_reason", ""), "it broke off"):
        raise ModelFailed(why)
    yield TextEnded(str(said.text).strip())


def _events(agent: Any, messages: Sequence[Message], watch: Watch) -> Iterator[Event]:
    last: AIMessage | None = None
    modes = ["messages", "updates", "custom"]
    steps = {"recursion_limit": 1000}  # what is counted is calls
    for mode, found in agent.stream({"messages": list(messages)}, steps, stream_mode=modes):
        watch.check()
        if mode == "custom":
            yield found
        elif mode == "messages":
            chunk, _ = found
            if isinstance(chunk, AIMessageChunk) and chunk.text:
                yield TokenSeen(str(chunk.text))
        else:
            for update in found.values():
                for message in (update or {}).get("messages", ()):
                    if isinstance(message, AIMessage):
                        last = message
    if last is None:
        raise ModelFailed("it answered nothing")
    yield TextEnded(str(last.text).strip())


def _agent(
    settings: ModelSettings, system: str, toolbox: Toolbox, watch: Watch, client: Any
) -> Any:
    model = _model(settings, client)
    tools = [_tool(tool, toolbox, watch) for tool in toolbox.tools.values()]
    return create_agent(model, tools, system_prompt=system, middleware=[_Limits(watch, model)])


def _model(
    settings: ModelSettings, client: Any, further: Mapping[str, Any] | None = None
) -> _Careful:
    """The model at its server. further: what its requests hold besides."""
    return _Careful(
        model=settings.model,
        base_url=settings.base_url,
        api_key=SecretStr(settings.api_key or "none"),  # otherwise that of OpenAI would be taken
        organization="",
        openai_proxy=None,
        http_client=client,
        timeout=settings.timeout,
        max_retries=0,
        temperature=settings.temperature,
        streaming=True,
        stream_usage=True,
        use_responses_api=False,
        extra_body=further,
    )


def _tool(tool: Tool, toolbox: Toolbox, watch: Watch) -> BaseTool:
    """A tool as LangChain calls it; its arguments are checked by the toolbox."""

    def call(**arguments: Any) -> str:
        tell = get_stream_writer()
        watch.tool_called()
        tell(StepStarted(tool.name, arguments))
        begun = watch.clock()
        said = toolbox.call(tool.name, arguments)
        tell(StepEnded(tool.name, arguments, said.text, said.ok, watch.clock() - begun))
        return said.text if said.ok else f"Error: {said.text}"

    return StructuredTool.from_function(
        call, name=tool.name, description=tool.about, args_schema=tool.schema
    )


class _Careful(ChatOpenAI):
    """Keeps what a call's arguments were: LangChain completes what is cut off, and a filter that
    is missing from it would be missed by nobody."""

    _written: dict[str, str] = PrivateAttr(default_factory=dict)

    def _stream(self, *args: Any, **more: Any) -> Iterator[ChatGenerationChunk]:
        ids: dict[int, str] = {}
        for chunk in super()._stream(*args, **more):
            for part in getattr(chunk.message, "tool_call_chunks", ()):
                index = part["index"] or 0
                ids[index] = part["id"] or ids.get(index, "")
                self._written[ids[index]] = self._written.get(ids[index], "") + (part["args"] or "")
            yield chunk

    def is_whole(self, call: ToolCall) -> bool:
        """Whether a call's arguments were JSON as they came."""
        try:
            return isinstance(json.loads(self._written.get(call["id"] or "", "") or "{}"), dict)
        except ValueError:
            return False


class _Limits(AgentMiddleware[Any, Any, Any]):
    """Counts the model's calls and words, and lets it repeat what nobody could read."""

    def __init__(self, watch: Watch, model: _Careful) -> None:
        super().__init__()
        self._watch, self._model = watch, model

    def before_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> None:
        self._watch.model_called()

    @hook_config(can_jump_to=["model"])
    def after_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:
        message = state["messages"][-1]
        if not isinstance(message, AIMessage):
            return None
        usage = message.usage_metadata
        letters = sum(len(str(each.content)) for each in state["messages"])
        self._watch.tokens_used(usage["total_tokens"] if usage else letters // 4)
        why = _ENDS.get(message.response_metadata.get("finish_reason", ""), "it broke off")
        if why:
            raise ModelFailed(why)
        broken = [(c["id"], c["name"], c["args"]) for c in message.invalid_tool_calls]
        broken += [
            (c["id"], c["name"], "") for c in message.tool_calls if not self._model.is_whole(c)
        ]
        if not broken:
            return None
        why, tell = "The arguments are not JSON", get_stream_writer()
        for _, name, text in broken:
            tell(StepEnded(name or "", {"text": text} if text else {}, why, False, 0.0))
        told = [ToolMessage(f"Error: {why}", tool_call_id=id or "") for id, _, _ in broken]
        return {"messages": told, **({} if message.tool_calls else {"jump_to": "model"})}


# the connection


def _client(watch: Watch, settings: ModelSettings) -> Any:
    """A client whose answers are read no longer, and no further, than is allowed."""

    def begin(request: Any) -> None:
        watch.check()
        left = watch.left()
        limits = request.extensions.get("timeout", {})
        request.extensions["timeout"] = {
            name: min(seconds or left, left) for name, seconds in limits.items()
        }

    def bound(response: Any) -> None:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise watch.ended("it answered nonsense: something packed")
        response.stream = _bounded(response, watch)

    return openai.DefaultHttpxClient(
        timeout=settings.timeout,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [begin], "response": [bound]},
        follow_redirects=False,  # the key is for this host alone
    )


def _bounded(response: Any, watch: Watch) -> Any:
    """The bytes of an answer, as long as there is time for them and they are few enough."""
    base = sys.modules[type(response).__module__.partition(".")[0]].SyncByteStream

    class Bounded(base):  # type: ignore[misc, valid-type]
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            for part in self._stream:
                watch.received(len(part))
                yield part

        def close(self) -> None:
            self._stream.close()

    return Bounded(response.stream)


def _why(error: Exception, settings: ModelSettings) -> str:
    """In plain words; never the error's own, which may hold what was sent."""
    kinds = {kind.__name__ for each in _chain(error) for kind in type(each).__mro__}
    if kinds & {"APITimeoutError", "TimeoutException"}:
        return f"{settings.host} said nothing for {settings.timeout:g} seconds"
    if isinstance(error, openai.APIStatusError):
        return _status(error, settings)
    if kinds & {"ConnectError", "UnsupportedProtocol"}:
        return f"{settings.host} cannot be reached"
    if kinds & {"TransportError", "APIConnectionError"}:
        return f"the connection to {settings.host} was cut"
    if isinstance(error, openai.APIError):
        return f"{settings.host} reported an error"
    return f"{settings.host} answered nonsense ({type(error).__name__})"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those that it came from."""
    for _ in range(20):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _status(error: openai.APIStatusError, settings: ModelSettings) -> str:
    status, host = error.status_code, settings.host
    if status == 429:
        code = error.body.get("code") if isinstance(error.body, dict) else ""
        if code == "insufficient_quota":
            return f"the quota at {host} is used up (429)"
        return f"{host} wants fewer questions (429)"
    reasons = {
        401: f"{host} does not take the key (401)",
        403: f"{host} does not allow it (403)",
        404: f"{host} knows no model {settings.model!r} at that address (404)",
    }
    if status >= 500:
        return f"{host} has failed ({status})"
    return reasons.get(status, f"{host} did not take the question ({status})")
