/** State of one profile form: values, validation, conflicts, saving. */
import { useState } from "preact/hooks";
import type { Problem } from "../../api/http";
import type { Profile } from "../../api/shapes";
import { useStores } from "../../StoresContext";
import {
	type Conflict,
	changesOf,
	conflictsOf,
	type Edit,
	FIELDS,
	type Field,
	fieldValue,
	isGood,
	keepMine,
	NO_EDIT,
	withoutField,
	withText,
} from "./profileEdit";

export function useProfileEdit(profile: Profile) {
	const { profiles } = useStores();
	const [edit, setEdit] = useState<Edit>(NO_EDIT);
	const [problem, setProblem] = useState<Problem | null>(null);
	const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
	const [busy, setBusy] = useState(false);
	const isBad = (field: Field) => field in edit && !isGood(field, fieldValue(edit, profile, field));

	/** If only others' fields changed, there is no conflict: saves once more over the newer version. */
	const save = async (wanted: Edit, over: Profile, again: boolean): Promise<void> => {
		const changes = changesOf(wanted, over);
		if (!changes) return setEdit(NO_EDIT);
		const answer = await profiles.edit(profile.visitor, over.version, changes);
		if (answer.saved) return setEdit(NO_EDIT);
		if (!answer.current) return setProblem(answer.problem);
		const found = conflictsOf(wanted, answer.current);
		if (found.length === 0 && again) return save(wanted, answer.current, false);
		setConflicts(found);
		if (found.length === 0) setProblem(answer.problem);
	};
	const submit = async (wanted: Edit) => {
		if (busy || FIELDS.some(isBad)) return;
		setProblem(null);
		setBusy(true);
		// The live update may already have brought others' changes: ask before overwriting them.
		const found = conflictsOf(wanted, profile);
		setConflicts(found);
		if (found.length === 0) await save(wanted, profile, true);
		setBusy(false);
	};
	const resolve = (conflict: Conflict, mine: boolean) => {
		const next = mine ? keepMine(edit, profile, conflict.field) : withoutField(edit, conflict.field);
		const rest = conflicts.filter((other) => other !== conflict);
		setEdit(next);
		setConflicts(rest);
		if (rest.length === 0) void submit(next);
	};

	return {
		value: (field: Field) => fieldValue(edit, profile, field),
		type: (field: Field) => (text: string) => setEdit((before) => withText(before, profile, field, text)),
		dirty: Object.keys(edit).length > 0,
		isBad,
		busy,
		problem,
		conflicts,
		save: () => void submit(edit),
		revert: () => {
			setEdit(NO_EDIT);
			setConflicts([]);
			setProblem(null);
		},
		resolve,
	};
}

export type ProfileEdit = ReturnType<typeof useProfileEdit>;
