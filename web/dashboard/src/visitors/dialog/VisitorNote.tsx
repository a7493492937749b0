import { stripBidiControls } from "@palique/ui/bidi";
import { dateAndTime } from "@palique/ui/time";
import { hasVisibleText } from "@palique/ui/visible";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../api/http";
import type { Note } from "../../api/shapes";
import { IconButton } from "../../parts/Button";
import { Form } from "../../parts/Form";
import { TextField } from "../../parts/TextField";
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
	const { profiles } = useStores();
	const t = useText();
	const [text, setText] = useState(note.text);
	const [over, setOver] = useState(note.version);
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<Problem | null>(null);
	const area = useRef<HTMLTextAreaElement>(null);
	const conflict = note.version !== over;
	useEffect(() => area.current?.focus(), []);

	const save = async (version: number) => {
		const wanted = text.trim();
		if (busy || !hasVisibleText(wanted)) return;
		setBusy(true);
		setProblem(null);
		const answer = await profiles.editNote(visitor, note.id, version, wanted);
		setBusy(false);
		if (answer.saved) return done();
		// A conflict needs no message: the store now has the newer note, and the form shows both.
		if (!answer.current) setProblem(answer.problem);
	};
	const keepMine = () => {
		setOver(note.version);
		void save(note.version);
	};
	const shown = { mine: text, theirs: stripBidiControls(note.text), keepMine, keepTheirs: done };
	return (
		<Form class="facts-form" onSubmit={() => conflict || void save(over)}>
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
