import "./EditFoot.css";
import type { Problem } from "../../api/http";
import { Button } from "../../parts/Button";
import { type ClashShown, ConflictResolver } from "../../parts/ConflictResolver";
import { ProblemMessage } from "../../parts/ProblemMessage";
import { useText } from "../../texts/useText";

interface Props {
	clashes: readonly ClashShown[];
	problem: Problem | null;
	busy: boolean;
	/** Nothing was changed: there is nothing to save or to cancel. */
	untouched?: boolean;
	/** What would be saved is not there yet. */
	empty?: boolean;
	cancel: () => void;
}

/** Below a form: what stands in the way, then save and cancel, which wait until every clash is settled. */
export function EditFoot({ clashes, problem, busy, untouched = false, empty = false, cancel }: Props) {
	const t = useText();
	return (
		<>
			<ConflictResolver clashes={clashes} />
			<ProblemMessage small problem={problem} />
			{untouched || clashes.length > 0 ? null : (
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
