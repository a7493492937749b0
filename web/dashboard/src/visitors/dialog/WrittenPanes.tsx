import type { Profile } from "../../api/shapes";
import { Pane } from "../../parts/Pane";
import { useText } from "../../texts/useText";
import { BioForm } from "../profile/BioForm";
import { DetailsForm } from "../profile/DetailsForm";
import { VisitorNotes } from "./VisitorNotes";

/** The editable panes: details, bio, notes. */
export function WrittenPanes({ profile }: { profile: Profile }) {
	const t = useText();
	return (
		<>
			<Pane title={t("user_details")}>
				<DetailsForm profile={profile} />
			</Pane>
			<Pane title={t("field_bio")}>
				<BioForm profile={profile} />
			</Pane>
			<Pane title={t("notes")} count={profile.notes.length}>
				<VisitorNotes profile={profile} />
			</Pane>
		</>
	);
}
