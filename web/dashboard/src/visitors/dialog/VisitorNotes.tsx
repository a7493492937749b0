import { useRef, useState } from "preact/hooks";
import type { Profile } from "../../api/shapes";
import { AddText } from "../../parts/AddText";
import { useRequest } from "../../parts/useRequest";
import { useStores } from "../../StoresContext";
import { useText } from "../../texts/useText";
import { NOTE_LIMIT, VisitorNote } from "./VisitorNote";

/** Notes on a visitor, newest first; only agents see them (S-27). */
export function VisitorNotes({ profile }: { profile: Profile }) {
	const { profiles } = useStores();
	const t = useText();
	const [text, setText] = useState("");
	const { busy, problem, run } = useRequest();
	// Same id until the note is stored: a retry after a lost answer adds it once.
	const clientId = useRef(crypto.randomUUID());

	const add = (note: string) =>
		run(async () => {
			const refused = await profiles.addNote(profile.visitor, clientId.current, note);
			if (refused) throw refused;
			clientId.current = crypto.randomUUID();
			setText("");
		});
	const newestFirst = [...profile.notes].sort((one, other) => other.at.localeCompare(one.at));
	return (
		<div class="notes">
			<AddText
				class="facts-form"
				label={t("note_new")}
				submit={t("note_add")}
				text={text}
				limit={NOTE_LIMIT}
				problem={problem}
				busy={busy}
				onText={setText}
				onAdd={add}
			/>
			<ul class="notes-list">
				{newestFirst.map((note) => (
					<li key={note.id} class="notes-one">
						<VisitorNote visitor={profile.visitor} note={note} />
					</li>
				))}
			</ul>
			{newestFirst.length === 0 ? <p class="muted small">{t("notes_none")}</p> : null}
		</div>
	);
}
