import "../visitors/EditFoot.css";
import { Icon } from "@palique/ui/Icon";
import type { Agent, TicketChanges } from "../api/shapes";
import { Button } from "../parts/Button";
import { useText } from "../stores";
import type { Clash } from "./clash";
import { FIELD_TEXTS, valueText } from "./values";

interface Props {
	clashes: readonly Clash[];
	agents: readonly Agent[];
	/** Mine after all: written over theirs, which I have seen. */
	keepMine: (changes: TicketChanges) => void;
	keepTheirs: () => void;
}

/** What I wanted and what somebody else made of it meanwhile, side by side; a person decides (S-59). */
export function Clashes({ clashes, agents, keepMine, keepTheirs }: Props) {
	const t = useText();
	return (
		<div role="alert">
			{clashes.length > 0 ? (
				<div class="clashes">
					<p>
						<Icon name="warning" size={16} /> {t("clash_title")}
					</p>
					{clashes.map((clash) => (
						<div key={clash.field} class="clash">
							<span class="clash-field">{t(FIELD_TEXTS[clash.field])}</span>
							<div class="clash-side">
								<span class="small">{t("clash_mine")}</span>
								<p class="words">{valueText(t, agents, clash.field, clash.mine)}</p>
								<Button
									small
									onClick={() => keepMine({ [clash.field]: clash.mine || null } as TicketChanges)}
								>
									{t("clash_keep_mine")}
								</Button>
							</div>
							<div class="clash-side">
								<span class="small">{t("clash_theirs")}</span>
								<p class="words">{valueText(t, agents, clash.field, clash.theirs)}</p>
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
