//! Pure rules of Gatehouse.
