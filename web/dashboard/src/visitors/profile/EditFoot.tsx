import "./EditFoot.css";
import type { Problem } from "../../api/http";
import { Button } from "../../parts/Button";
import { ConflictResolver, type ConflictView } from "../../parts/ConflictResolver";
import { ProblemMessage } from "../../parts/ProblemMessage";
import { useText } from "../../texts/useText";

interface Props {
	conflicts: readonly ConflictView[];
	problem: Problem | null;
	busy: boolean;
	/** True without changes: there is nothing to save or cancel. */
	untouched?: boolean;
	/** True while the value to save is empty. */
	empty?: boolean;
	cancel: () => void;
}

/** Foot of a form: conflicts and problems, then Save and Cancel. Save waits until all conflicts are resolved. */
export function EditFoot({ conflicts, problem, busy, untouched = false, empty = false, cancel }: Props) {
	const t = useText();
	return (
		<>
			<ConflictResolver conflicts={conflicts} />
			<ProblemMessage small problem={problem} />
			{untouched || conflicts.length > 0 ? null : (
				<div class="edit-foot">
					<Button type="submit" kind="primary" small busy={busy} disabled={empty}>
						{t("save")}
					</Button>
					<Button small onClick={cancel}>
						{t("cancel")}
					</Button>
				</div>
			)}
		</>
	);
}
