// Imported before everything else: the page of this test speaks German.
document.documentElement.lang = 'de';
