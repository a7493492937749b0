import "./ConflictResolver.css";
import { Icon } from "@palique/ui/Icon";
import { useText } from "../texts/useText";
import { Button } from "./Button";

export interface ConflictView {
	/** Name of the field, where the context does not make it clear. */
	field?: string;
	mine: string;
	theirs: string;
	/** Overwrites the other value. */
	keepMine: () => void;
	keepTheirs: () => void;
}

/** Shows both values of a concurrent edit side by side; the agent decides (S-59). */
export function ConflictResolver({ conflicts }: { conflicts: readonly ConflictView[] }) {
	const t = useText();
	return (
		<div role="alert">
			{conflicts.length > 0 ? (
				<div class="clashes">
					<p>
						<Icon name="warning" size={16} /> {t("conflict_title")}
					</p>
					{conflicts.map(({ field, mine, theirs, keepMine, keepTheirs }) => (
						<div key={field} class="clash">
							{field ? <span class="clash-field">{field}</span> : null}
							<div class="clash-side">
								<span class="small">{t("conflict_mine")}</span>
								<p class="words" dir="auto">
									{mine}
								</p>
								<Button small onClick={keepMine}>
									{t("conflict_keep_mine")}
								</Button>
							</div>
							<div class="clash-side">
								<span class="small">{t("conflict_theirs")}</span>
								<p class="words" dir="auto">
									{theirs}
								</p>
								<Button small onClick={keepTheirs}>
									{t("conflict_keep_theirs")}
								</Button>
							</div>
						</div>
					))}
				</div>
			) : null}
		</div>
	);
}
