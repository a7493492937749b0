import { stripBidiControls } from "@palique/ui/bidi";
import { dateAndTime } from "@palique/ui/time";
import { hasVisibleText } from "@palique/ui/visible";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Note } from "../../api/shapes";
import { IconButton } from "../../parts/Button";
import { Form } from "../../parts/Form";
import { TextField } from "../../parts/TextField";
import { useRequest } from "../../parts/useRequest";
import { useStores } from "../../StoresContext";
import { useText } from "../../texts/useText";
import { EditFoot } from "../profile/EditFoot";

// The gateway's limit.
export const NOTE_LIMIT = 4_000;

interface Props {
	visitor: string;
	note: Note;
}

/** One note. Its author and administrators can edit it (S-59). */
export function VisitorNote({ visitor, note }: Props) {
	const { session } = useStores();
	const t = useText();
	const [editing, setEditing] = useState(false);
	const place = useRef<HTMLDivElement>(null);
	const state = session.state.value;
	const me = state.phase === "signedIn" ? state.me : null;
	const mine = note.author.kind === "agent" && note.author.id === me?.agent;
	/** Returns the focus to the edit button. */
	const done = () => {
		setEditing(false);
		requestAnimationFrame(() => place.current?.querySelector("button")?.focus());
	};
	if (editing) return <NoteForm visitor={visitor} note={note} done={done} />;
	return (
		<div ref={place}>
			<p class="words" dir="auto">
				{stripBidiControls(note.text)}
			</p>
			<div class="notes-foot">
				<p class="small notes-by">
					<bdi>{note.author.name}</bdi> · <time dateTime={note.at}>{dateAndTime(note.at, t.language)}</time>
					{note.edited ? (
						<>
							{" · "}
							{t("note_edited", { name: note.edited.by.name ?? "" })}{" "}
							<time dateTime={note.edited.at}>{dateAndTime(note.edited.at, t.language)}</time>
						</>
					) : null}
				</p>
				{mine || me?.role === "administrator" ? (
					<IconButton icon="edit" size={16} label={t("note_edit")} onClick={() => setEditing(true)} />
				) : null}
			</div>
		</div>
	);
}

/** Edit form. A concurrent change by another agent is shown at once and never overwritten without a decision. */
function NoteForm({ visitor, note, done }: Props & { done: () => void }) {
	const t = useText();
	const [text, setText] = useState(note.text);
	const { conflict, keepMine, submit, problem, busy } = useNoteEdit({ visitor, note, text, done });
	const area = useRef<HTMLTextAreaElement>(null);
	useEffect(() => area.current?.focus(), []);
	const shown = { mine: text, theirs: stripBidiControls(note.text), keepMine, keepTheirs: done };
	return (
		<Form class="facts-form" onSubmit={submit}>
			<TextField
				label={t("note_edit")}
				hideLabel
				lines={3}
				value={text}
				onValue={setText}
				limit={NOTE_LIMIT}
				areaRef={area}
			/>
			<EditFoot
				conflicts={conflict ? [shown] : []}
				problem={problem}
				busy={busy}
				empty={!hasVisibleText(text)}
				cancel={done}
			/>
		</Form>
	);
}

interface NoteEdit extends Props {
	text: string;
	done: () => void;
}

/** Saves over the version that the agent has seen: the one at the beginning, or the one that `keepMine` overwrites. */
function useNoteEdit({ visitor, note, text, done }: NoteEdit) {
	const { profiles } = useStores();
	const { busy, problem, run, clear } = useRequest();
	const [seen, setSeen] = useState(note.version);
	const conflict = note.version !== seen;

	const save = async (version: number) => {
		const wanted = text.trim();
		if (!hasVisibleText(wanted)) return;
		await run(async () => {
			clear();
			const answer = await profiles.editNote(visitor, note.id, version, wanted);
			if (answer.saved) done();
			// A conflict needs no message: the store now has the newer note, and the form shows both.
			else if (!answer.current) throw answer.problem;
		});
	};
	const keepMine = () => {
		setSeen(note.version);
		void save(note.version);
	};
	const submit = () => {
		if (!conflict) void save(seen);
	};
	return { conflict, keepMine, submit, problem, busy };
}
