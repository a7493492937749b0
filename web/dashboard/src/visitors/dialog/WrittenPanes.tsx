import type { Profile } from "../../api/shapes";
import { FactList } from "../../parts/FactList";
import { Pane } from "../../parts/Pane";
import { useText } from "../../texts/useText";
import { BioForm } from "../profile/BioForm";
import { DetailsForm } from "../profile/DetailsForm";
import { VisitorNotes } from "./VisitorNotes";

/** The panes that the page and agents fill: its fields, details, bio, notes. */
export function WrittenPanes({ profile }: { profile: Profile }) {
	const t = useText();
	return (
		<>
			{profile.fields?.[0] ? (
				<Pane title={t("page_fields")}>
					<FactList facts={profile.fields.map(({ key, value }) => [key, value])} />
				</Pane>
			) : null}
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
