"""Setting up, serving, checking."""

import gc
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from otpward.core.errors import Invalid
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.processes import Servers, end_with_parent, listen
from otpward.edges.cli.say import HERE, REFUSED, AsJson, Data, plainly, say
from otpward.services.oversee.open_institution import OpenInstitution, open_institution, refuse_bad_names

config = typer.Typer(help="Settings", no_args_is_help=True)
database = typer.Typer(help="The database", no_args_is_help=True)

_ROLES = ("all", "web", "worker")
_PROCESSES = range(1, 65)
_SETTINGS = """\
# Settings of otpward. `otpward config check` reads them whole; a key that is not known is refused.
# Secrets are named as files, never written here.

profile = "production"
institution = "{code}"
public_url = "http://127.0.0.1:8080"

# database_url = "postgresql://otpward@db.example/otpward"   # without it: otpward.db in this folder
# OTPWARD_DATABASE_URL in the environment comes first.

[sms]
# provider = "nhn"                                            # or "sens" or "solapi", each with keys of its own
# app_key = ""
# secret_key_file = "keys/sms.secret"
# sender = "0212345678"

[mail]
# host = "mail.example"
# sender = "otp@bank.example"

[post]
# service_key_file = "keys/post.secret"
"""


def init(
    context: typer.Context,
    institution: Annotated[str, typer.Option("--institution", help="Its code: lower-case letters, digits, hyphens")],
    name: Annotated[str, typer.Option("--name", help="Its name, as people know it")],
    name_en: Annotated[str, typer.Option("--name-en", help="Its name in English")] = "",
    phone: Annotated[str, typer.Option("--phone", help="The number people call")] = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Make settings, keys and database of a new installation, and its first institution."""
    assembly: Assembly = context.obj
    with plainly():
        ask = OpenInstitution(code=institution, name_ko=name, name_en=name_en or name, phone=phone, phone_abroad="")
        refuse_bad_names(ask)
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = data / "otpward.toml"
        if not file.exists():
            file.write_text(_SETTINGS.format(code=institution), encoding="utf-8")
        assembly.set_up(data)
        with assembly.open(data) as opened:
            made = opened.house.do(None, lambda desk: open_institution(ask, desk=desk))
        say(f"Ready: {data}, institution {made.code}.", {"data": str(data), "institution": made.code}, as_json=as_json)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on", min=1, max=65535)] = 8080,
    role: Annotated[str, typer.Option("--role", help="all, web or worker")] = "all",
    processes: Annotated[int, typer.Option("--processes", help="Server processes; with PostgreSQL one for each core")] = 1,
    leash: Annotated[bool, typer.Option("--leash", hidden=True, help="End when standard input ends")] = False,
    data: Data = HERE,
) -> None:
    """Serve pages and REST interface, and do the background work."""
    assembly: Assembly = context.obj
    with plainly():
        if role not in _ROLES:
            raise Invalid(f"--role is one of {', '.join(_ROLES)}, not {role}")
        if processes not in _PROCESSES:
            raise Invalid(f"--processes is {_PROCESSES.start} to {_PROCESSES.stop - 1}, not {processes}")
        if processes > 1 and role != "worker":
            _serve_in_many(assembly, data, host, port, role, processes)
            return
        if leash:
            end_with_parent()
        with ExitStack() as held:
            listener = None if role == "worker" else held.enter_context(listen(host, port, shared=leash))
            opened = held.enter_context(assembly.open(data))
            asked = held.enter_context(_asked_to_end())
            app = None if listener is None else opened.app()
            stop = opened.start_workers() if role in {"all", "worker"} else None
            try:
                if listener is None:
                    asked.wait()
                else:
                    _serve(app, listener, assembly.trusted_proxies(data), asked, opened.server_options())
            finally:
                if stop is not None:
                    stop()


def write(
    context: typer.Context,
    line: Annotated[int, typer.Option("--line", help="The file number of a socket")],
    data: Data = HERE,
) -> None:
    """Judge codes for the server that started this process; not for people."""
    assembly: Assembly = context.obj
    # What ends the server is often sent to the whole group; this process ends when the server has let go of the line.
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    calm_down()
    with plainly():
        assembly.write_on(data, socket.socket(fileno=line))


def calm_down() -> None:
    """Look for garbage seldom, and never again among what is there now: it costs a server time and finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _serve_in_many(assembly: Assembly, data: Path, host: str, port: int, role: str, processes: int) -> None:
    """The background work in this process, pages and REST interface in others."""
    if assembly.check_settings(data).startswith("sqlite"):
        raise Invalid("--processes needs PostgreSQL: a SQLite file has one writer, and a second process does not help it")
    listen(host, port).close()  # a shared port would not say that another server has it
    with ExitStack() as held:
        opened = held.enter_context(assembly.open(data))
        opened.app()
        asked = held.enter_context(_asked_to_end())
        stop = opened.start_workers() if role == "all" else None
        command = ["serve", "--leash", "--role", "web", "--host", host, "--port", str(port), "--data", str(data)]
        servers = Servers(processes, command)
        try:
            asked.wait()
        finally:
            servers.end()
            if stop is not None:
                stop()


def _serve(
    app: object, listener: socket.socket, trusted_proxies: str, asked: threading.Event, options: Mapping[str, Any]
) -> None:
    settings = uvicorn.Config(
        app,  # type: ignore[arg-type]
        **options,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=5,
    )
    calm_down()
    if not asked.is_set():
        uvicorn.Server(settings).run(sockets=[listener])


@contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """Set when Ctrl-C or a TERM signal comes: both end the server in order, and neither is a failure."""
    asked = threading.Event()
    before = {one: signal.signal(one, lambda *_: asked.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def check(context: typer.Context, data: Data = HERE, as_json: AsJson = False) -> None:
    """Open everything once: settings, master key, database, schema, institutions."""
    assembly: Assembly = context.obj
    with plainly():
        assembly.check_settings(data)
        with assembly.open(data) as opened:
            codes = [one.code for one in opened.institutions()]
            if not codes:
                say("No institution yet; make one with `otpward init`.", {"ok": False, "institutions": []}, as_json=as_json)
                raise typer.Exit(REFUSED)
            opened.app()
        say(f"All is well. Institutions: {', '.join(codes)}.", {"ok": True, "institutions": codes}, as_json=as_json)


@config.command("check")
def config_check(context: typer.Context, data: Data = HERE, as_json: AsJson = False) -> None:
    """Read the settings whole, and say what is wrong with them."""
    assembly: Assembly = context.obj
    with plainly():
        where = assembly.check_settings(data)
        say(f"The settings are in order. Database: {where}.", {"ok": True, "database": where}, as_json=as_json)


@database.command("upgrade")
def database_upgrade(context: typer.Context, data: Data = HERE, as_json: AsJson = False) -> None:
    """Bring the database to the schema of this version; safe to run again."""
    assembly: Assembly = context.obj
    with plainly():
        assembly.set_up(data)
        say("The database is up to date.", {"ok": True}, as_json=as_json)
