//! Trees that are no trees: pages, form fields, outlines and names that hold themselves, or have no end.

use super::Hostile;
use super::pdf::{CATALOGUE, FONT, PAGES, Pdf, drawing, page, text};

pub fn files() -> Vec<Hostile> {
    let mut files = page_trees();
    files.extend(field_trees());
    files.extend(other_trees());
    files
}

fn page_trees() -> Vec<Hostile> {
    let tree = |name: &str, pages: &str| {
        let pdf = Pdf::new().object(1, CATALOGUE).object(2, pages).object(3, page("")).stream(4, "", text("Nom"));
        Hostile::new("page tree", name, pdf.object(5, FONT).finish(""))
    };
    let deep = (10..5010)
        .fold(Pdf::new().object(1, CATALOGUE).object(2, "<< /Type /Pages /Kids [10 0 R] /Count 1 >>"), |pdf, n| {
            pdf.object(n, format!("<< /Type /Pages /Kids [{} 0 R] /Count 1 /Parent {} 0 R >>", n + 1, n - 1))
        });
    let two = Pdf::new()
        .object(1, CATALOGUE)
        .object(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
        .object(3, "<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>");
    let parents = Pdf::new()
        .object(1, CATALOGUE)
        .object(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 3 0 R >>")
        .object(3, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>")
        .stream(4, "", text("Nom"));
    let many = "10 0 R ".repeat(50_000);
    let fan =
        (0..8).fold(Pdf::new().object(1, CATALOGUE).object(2, "<< /Type /Pages /Kids [10 0 R] >>"), |pdf, level| {
            let next = format!("{} 0 R ", 11 + level).repeat(10);
            pdf.object(10 + level, format!("<< /Type /Pages /Kids [{next}] >>"))
        });
    vec![
        tree("a page tree that holds itself", "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
        tree("a thousand million pages declared", "<< /Type /Pages /Kids [3 0 R] /Count 1000000000 >>"),
        tree("a negative number of pages", "<< /Type /Pages /Kids [3 0 R] /Count -5 >>"),
        tree("kids that are no list", "<< /Type /Pages /Kids 3 0 R /Count 1 >>"),
        tree("kids that are nowhere", "<< /Type /Pages /Kids [77 0 R 78 0 R] /Count 2 >>"),
        tree("no kids", "<< /Type /Pages >>"),
        tree("the same page 5000 times", &format!("<< /Type /Pages /Kids [{}] /Count 5000 >>", "3 0 R ".repeat(5000))),
        tree("50000 kids that are nowhere", &format!("<< /Type /Pages /Kids [{many}] /Count 50000 >>")),
        tree("pages that are a number", "42"),
        tree("pages that are null", "null"),
        Hostile::new("page tree", "5000 levels deep", deep.object(5010, page("")).finish("")),
        Hostile::new("page tree", "two nodes that hold each other", two.finish("")),
        Hostile::new("page tree", "a parent that is its child", parents.finish("")),
        Hostile::new(
            "page tree",
            "a hundred million leaves in nine nodes",
            fan.object(18, page("")).stream(4, "", text("x")).object(5, FONT).finish(""),
        ),
    ]
}

fn field_trees() -> Vec<Hostile> {
    let form = |name: &str, fields: &str, objects: &[(u32, String)]| {
        let catalogue = format!("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{fields}] /DA (/F1 0 Tf) >> >>");
        let mut pdf = Pdf::new().object(1, catalogue).object(2, PAGES);
        pdf = pdf.object(3, page("").replace("/Contents", "/Annots [10 0 R] /Contents"));
        pdf = pdf.stream(4, "", text("Nom :")).object(5, FONT);
        for (number, body) in objects {
            pdf = pdf.object(*number, body);
        }
        Hostile::new("form fields", name, pdf.finish(""))
    };
    let widget = |entries: &str| {
        format!("<< /Type /Annot /Subtype /Widget /FT /Tx /Rect [100 690 300 710] /P 3 0 R {entries} >>")
    };
    let deep: Vec<(u32, String)> =
        (10..5010).map(|n| (n, format!("<< /T (n) /Kids [{} 0 R] /Parent {} 0 R >>", n + 1, n - 1))).collect();
    let many: Vec<(u32, String)> = (10..30_010).map(|n| (n, widget(&format!("/T (c{n}) /V (v)")))).collect();
    let list: String = (10..30_010).map(|n| format!("{n} 0 R ")).collect();
    let fan: Vec<(u32, String)> = (10..18)
        .map(|n| (n, format!("<< /T (n) /Kids [{}] >>", format!("{} 0 R ", n + 1).repeat(10))))
        .chain([(18, widget("/T (f) /V (x)"))])
        .collect();
    let options = "(o) ".repeat(100_000);
    vec![
        form("a field that holds itself", "10 0 R", &[(10, widget("/T (nom) /Kids [10 0 R]"))]),
        form(
            "two fields that hold each other",
            "10 0 R",
            &[(10, widget("/T (a) /Kids [11 0 R]")), (11, widget("/T (b) /Kids [10 0 R] /Parent 10 0 R"))],
        ),
        form("a field that is its own parent", "10 0 R", &[(10, widget("/T (nom) /Parent 10 0 R"))]),
        form("a value that is itself", "10 0 R", &[(10, widget("/T (nom) /V 11 0 R")), (11, "11 0 R".into())]),
        form(
            "values that are each other",
            "10 0 R",
            &[(10, widget("/T (nom) /V 11 0 R")), (11, "12 0 R".into()), (12, "11 0 R".into())],
        ),
        form("5000 levels of fields", "10 0 R", &deep),
        form("30000 fields", &list, &many),
        form("a hundred million fields in nine nodes", "10 0 R", &fan),
        form("a field name of a megabyte", "10 0 R", &[(10, widget(&format!("/T ({}) /V (x)", "n".repeat(1 << 20))))]),
        form(
            "a value of eight megabytes",
            "10 0 R",
            &[(10, widget(&format!("/T (nom) /V ({})", "v".repeat(8 << 20))))],
        ),
        form(
            "a field nowhere on the paper",
            "10 0 R",
            &[(10, widget("/T (nom) /V (x)").replace("[100 690 300 710]", "[1e38 -1e38 3e38 9e99]"))],
        ),
        form(
            "a field turned inside out",
            "10 0 R",
            &[(10, widget("/T (nom) /V (x)").replace("[100 690 300 710]", "[300 710 100 690]"))],
        ),
        form(
            "a rectangle of two numbers",
            "10 0 R",
            &[(10, widget("/T (nom) /V (x)").replace("[100 690 300 710]", "[1 2]"))],
        ),
        form(
            "a comb of a thousand million",
            "10 0 R",
            &[(10, widget("/T (nom) /V (x) /Ff 16777216 /MaxLen 1000000000"))],
        ),
        form("a comb of less than nothing", "10 0 R", &[(10, widget("/T (nom) /V (x) /Ff 16777216 /MaxLen -3"))]),
        form(
            "a hundred thousand options",
            "10 0 R",
            &[(10, widget(&format!("/T (forme) /V (o) /Opt [{options}]")).replace("/Tx", "/Ch"))],
        ),
        form("fields that are a number", "7 8 9", &[(10, widget("/T (nom)"))]),
        form(
            "a button whose states are streams of itself",
            "10 0 R",
            &[(10, widget("/T (b) /AP << /N << /On 10 0 R /Off 10 0 R >> >> /AS /On").replace("/Tx", "/Btn"))],
        ),
        form("a text that is not text", "10 0 R", &[(10, widget("/T (nom) /V <FEFFD800D800DC00DC00D8>"))]),
        form(
            "names with line ends and zeros",
            "10 0 R",
            &[(10, widget("/T (a\\n\\000b\\r) /TU (\\376\\377\\040\\056) /V (x)"))],
        ),
    ]
}

fn other_trees() -> Vec<Hostile> {
    let with = |name: &str, entry: &str, objects: &[(u32, &str)]| {
        let catalogue = format!("<< /Type /Catalog /Pages 2 0 R {entry} >>");
        let pdf = Pdf::new().object(1, catalogue).object(2, PAGES).object(3, page("")).stream(4, "", text("Nom"));
        let pdf = objects.iter().fold(pdf.object(5, FONT), |pdf, (number, body)| pdf.object(*number, body));
        Hostile::new("other trees", name, pdf.finish(""))
    };
    let annotations =
        drawing(text("Nom"), "").object(20, "<< /Subtype /Popup /Parent 20 0 R /Popup 20 0 R >>").finish("");
    vec![
        with(
            "an outline that follows itself",
            "/Outlines 10 0 R",
            &[
                (10, "<< /First 11 0 R /Last 11 0 R >>"),
                (11, "<< /Title (a) /Next 11 0 R /Prev 11 0 R /First 10 0 R >>"),
            ],
        ),
        with(
            "names that hold themselves",
            "/Names << /Dests 10 0 R /JavaScript 10 0 R /EmbeddedFiles 10 0 R >>",
            &[(10, "<< /Kids [10 0 R] >>")],
        ),
        with("page labels that hold themselves", "/PageLabels 10 0 R", &[(10, "<< /Kids [10 0 R] >>")]),
        with(
            "structure that holds itself",
            "/StructTreeRoot 10 0 R /MarkInfo << /Marked true >>",
            &[(10, "<< /K 10 0 R /ParentTree 10 0 R /RoleMap << /A /A >> >>")],
        ),
        with(
            "layers that hold themselves",
            "/OCProperties << /OCGs [10 0 R] /D << /Order [10 0 R 11 0 R] >> >>",
            &[(10, "<< /Type /OCG /Name (x) >>"), (11, "[11 0 R 10 0 R]")],
        ),
        with(
            "a script that runs at opening",
            "/OpenAction << /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:9/'\\)) >>",
            &[],
        ),
        with("a program to launch", "/OpenAction << /S /Launch /F (/bin/sh) /Win << /F (cmd.exe) >> >>", &[]),
        with(
            "a form to send away",
            "/OpenAction << /S /SubmitForm /F (http://127.0.0.1:9/) >> /URI << /Base (http://127.0.0.1:9/) >>",
            &[],
        ),
        with(
            "a remote document",
            "/OpenAction << /S /GoToR /F (\\\\\\\\127.0.0.1\\\\share\\\\x.pdf) /D [0 /Fit] >>",
            &[],
        ),
        with(
            "an XFA form of entities",
            "/AcroForm << /Fields [] /XFA 10 0 R >>",
            &[(
                10,
                "<< /Length 160 >>\nstream\n<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'><!ENTITY d SYSTEM 'file:///etc/passwd'>]><xdp>&c;&d;</xdp>\nendstream",
            )],
        ),
        with(
            "XFA packets that are each other",
            "/AcroForm << /Fields [] /XFA [(datasets) 10 0 R (form) 11 0 R] >>",
            &[(10, "11 0 R"), (11, "10 0 R")],
        ),
        Hostile::new("other trees", "a note that is its own note", annotations),
    ]
}
