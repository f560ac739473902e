"""The message store's files, read and written by `stores.md`, C.1 and C.4, alone: plain Python, nothing of this project.

    message_store.py check DIRECTORY   loads the store and prints what it found, as JSON
    message_store.py resave FROM TO    loads the store in FROM and saves it in TO
    message_store.py sample TO         saves a store of its own, and prints it as JSON
    message_store.py unpack ZIP TO     unpacks an archive
    message_store.py pack FROM ZIP     packs a folder, as a folder in the archive, half of the files stored as they are
    message_store.py numbers           prints the JSON list on standard input as this dialect has it
"""

import json
import sys
import uuid
import zipfile
from datetime import datetime, timezone
from pathlib import Path


def parse_time(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, tz=timezone.utc)
    if not isinstance(value, str):
        raise ValueError(f"not a time: {value!r}")
    return datetime.fromisoformat(value)


def field(record, name, kind, default):
    value = record[name] if name in record else default()
    if not isinstance(value, kind):
        raise ValueError(f"{name} has to be {kind.__name__}, not {value!r}")
    return value


def needed(name):
    def missing():
        raise ValueError(f"{name} is missing")

    return missing


def new_id():
    return str(uuid.uuid4())


class Message:
    def __init__(self, record):
        self.id = field(record, "id", str, new_id)
        self.content = field(record, "content", str, needed("content"))
        self.role = field(record, "role", str, lambda: "user")
        self.created_at = parse_time(record["created_at"]) if "created_at" in record else datetime.now()
        self.metadata = field(record, "metadata", dict, dict)

    FIELDS = ("id", "content", "role", "created_at", "metadata")


class Action:
    def __init__(self, record):
        self.id = field(record, "id", str, new_id)
        self.action_type = field(record, "action_type", str, needed("action_type"))
        self.data = field(record, "data", dict, needed("data"))
        self.created_at = parse_time(record["created_at"]) if "created_at" in record else datetime.now()
        self.metadata = field(record, "metadata", dict, dict)

    FIELDS = ("id", "action_type", "data", "created_at", "metadata")


class Conversation:
    def __init__(self, record):
        if not isinstance(record, dict):
            raise ValueError("not an object")
        self.id = field(record, "id", str, new_id)
        self.title = record.get("title") or f"Conversation {self.id[:8]}"
        if not isinstance(self.title, str):
            raise ValueError("title has to be a text")
        self.created_at = parse_time(record["created_at"]) if "created_at" in record else datetime.now()
        self.metadata = field(record, "metadata", dict, dict)
        self.messages = [Message(each) for each in field(record, "messages", list, list)]
        self.actions = [Action(each) for each in field(record, "actions", list, list)]

    FIELDS = ("id", "title", "created_at", "metadata", "messages", "actions")


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if hasattr(value, "FIELDS"):
        return {name: plain(getattr(value, name)) for name in value.FIELDS}
    return value


class Files:
    def __init__(self, directory):
        self.index = Path(directory) / "message_store.json"
        self.folder = Path(directory) / "conversations"

    def initialize(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.index.exists():
            self.write(self.index, {"conversation_ids": []})

    @staticmethod
    def write(path, value):
        temporary = path.with_suffix(".tmp")
        with open(temporary, "w") as file:
            json.dump(value, file, indent=2)
        temporary.replace(path)

    def save_store(self, conversations):
        self.write(self.index, {"conversation_ids": list(conversations)})
        for conversation in conversations.values():
            self.write(self.folder / f"{conversation.id}.json", plain(conversation))

    def load_conversation(self, id):
        path = self.folder / f"{id}.json"
        if not path.exists():
            return None
        with open(path) as file:
            try:
                record = json.load(file)
            except json.JSONDecodeError as error:
                print(error, file=sys.stderr)
                return None
        return Conversation(record)

    def load_store(self):
        if not self.index.exists():
            return None
        with open(self.index) as file:
            ids = json.load(file)["conversation_ids"]
        found = {id: self.load_conversation(id) for id in ids}
        found = {id: conversation for id, conversation in found.items() if conversation}
        if not found:
            stems = [path.stem for path in self.folder.glob("*.json")]
            found = {id: self.load_conversation(id) for id in stems}
            found = {id: conversation for id, conversation in found.items() if conversation}
            if found:
                self.save_store(found)
        return found


def sample():
    at = datetime(2025, 3, 13, 15, 11, 33, 447327)
    messages = [
        {"content": "Hello \u00e9\U0001f600\x7f", "created_at": at.isoformat()},
        {"content": "", "role": "assistant", "metadata": {"n": [1.0, 1e16, 1e-5, -0.0, 0.1 + 0.2, 10**30], "e": [{}, []]}},
        {"content": "later", "created_at": "2025-03-13T16:11:34+01:00"},
    ]
    actions = [{"action_type": "button_click", "data": {"button_id": "submit"}, "created_at": 1741878693.25}]
    records = [
        {"id": "b", "title": "Example Conversation", "created_at": at.isoformat(), "messages": messages, "actions": actions},
        {"id": "a", "created_at": "2025-03-13"},
        {"created_at": "20250313T151133Z", "metadata": {"tags": ["x"]}},
    ]
    conversations = [Conversation(record) for record in records]
    return {conversation.id: conversation for conversation in conversations}


def main(command, *arguments):
    if command == "numbers":
        sys.stdout.write(json.dumps(json.load(sys.stdin), indent=2))
    elif command == "check":
        print(json.dumps(plain(Files(arguments[0]).load_store())))
    elif command == "resave":
        target = Files(arguments[1])
        target.initialize()
        target.save_store(Files(arguments[0]).load_store())
    elif command == "unpack":
        with zipfile.ZipFile(arguments[0]) as archive:
            if damaged := archive.testzip():
                raise ValueError(f"{damaged} is damaged")
            archive.extractall(arguments[1])
    elif command == "pack":
        folder = Path(arguments[0])
        with zipfile.ZipFile(arguments[1], "w") as archive:
            for number, path in enumerate(sorted(folder.rglob("*"))):
                method = zipfile.ZIP_STORED if number % 2 else zipfile.ZIP_DEFLATED
                archive.write(path, folder.name / path.relative_to(folder), method)
    elif command == "sample":
        target = Files(arguments[0])
        target.initialize()
        target.save_store(sample())
        print(json.dumps(plain(target.load_store())))


main(*sys.argv[1:])
