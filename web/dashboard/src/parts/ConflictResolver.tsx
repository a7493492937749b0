import "./ConflictResolver.css";
import { Icon } from "@palique/ui/Icon";
import { useText } from "../texts/useText";
import { Button } from "./Button";

export interface ClashShown {
	/** What is in question; without it the place says so. */
	field?: string;
	mine: string;
	theirs: string;
	/** Mine after all: written over theirs, which I have seen. */
	keepMine: () => void;
	keepTheirs: () => void;
}

/** What I wrote and what somebody else made of it meanwhile, side by side; a person decides (S-59). */
export function ConflictResolver({ clashes }: { clashes: readonly ClashShown[] }) {
	const t = useText();
	return (
		<div role="alert">
			{clashes.length > 0 ? (
				<div class="clashes">
					<p>
						<Icon name="warning" size={16} /> {t("clash_title")}
					</p>
					{clashes.map(({ field, mine, theirs, keepMine, keepTheirs }) => (
						<div key={field} class="clash">
							{field ? <span class="clash-field">{field}</span> : null}
							<div class="clash-side">
								<span class="small">{t("clash_mine")}</span>
								<p class="words">{mine}</p>
								<Button small onClick={keepMine}>
									{t("clash_keep_mine")}
								</Button>
							</div>
							<div class="clash-side">
								<span class="small">{t("clash_theirs")}</span>
								<p class="words">{theirs}</p>
								<Button small onClick={keepTheirs}>
									{t("clash_keep_theirs")}
								</Button>
							</div>
						</div>
					))}
				</div>
			) : null}
		</div>
	);
}
